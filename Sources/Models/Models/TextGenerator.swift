public import TensorEngine

/// Goes on with texts about images. Objectives, tasks and decoding ask for this, and never for a model.
public protocol TextGenerator: ImageModel {
  var decoder: TextDecoder { get }
  /// Whether it says something of a question about an image, rather than of the image alone.
  var readsQuestions: Bool { get }
  /// What the decoder looks at, a segment a text that is to be gone on with.
  /// - Parameters:
  ///   - images: with the states of all tokens.
  ///   - questions: of a model that reads them: question i is about image i. Others look at no question.
  func context(_ images: Encoding, _ questions: PackedText?, _ tape: Tape) -> Encoding
}

extension TextGenerator {
  public var readsQuestions: Bool { false }
  public func context(_ images: Encoding, _ questions: PackedText?, _ tape: Tape) -> Encoding { images }
}
