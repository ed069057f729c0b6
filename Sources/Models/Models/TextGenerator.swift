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

/// Answers questions about images: what it writes goes on from what its text encoder makes of a question that looks at an image.
public protocol AnswerGenerator: TextGenerator, TextModel {
  /// What the decoder looks at, a segment a question.
  /// - Parameters:
  ///   - questions: as the text encoder gives them, with the states of all tokens.
  ///   - imageOfQuestion: a segment of the images for each.
  func context(_ images: Encoding, _ questions: Encoding, imageOfQuestion: [Int], _ tape: Tape) -> Encoding
}

extension AnswerGenerator {
  public var readsQuestions: Bool { true }

  public func context(_ images: Encoding, _ questions: PackedText?, _ tape: Tape) -> Encoding {
    guard let questions else { preconditionFailure("a model that answers is asked nothing") }
    return context(
      images, textEncoder(questions, .all, tape), imageOfQuestion: Array(0..<questions.count), tape)
  }
}
