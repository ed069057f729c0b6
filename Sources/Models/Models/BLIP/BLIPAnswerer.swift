internal import Layers
public import TensorEngine

/// BLIP that answers questions in words of its own: the decoder looks at what the text encoder makes of the question while that
/// looks at the image. Parameters are called as in transformers' `BlipForQuestionAnswering`.
public final class BLIPAnswerer: TextGenerator, TextModel {
  public let configuration: BLIPConfiguration
  private let vision: any PictureEncoder
  private let questions: BLIPTextEncoder
  public let decoder: TextDecoder

  init(_ configuration: BLIPConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    vision = configuration.vision.makeEncoder(builder[BLIPConfiguration.visionPrefix])
    questions = BLIPTextEncoder(configuration, builder)
    decoder = TextDecoder(configuration, builder)
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { vision }
  public var textEncoder: any TextEncoder { questions }
  public var readsQuestions: Bool { true }

  public func context(_ images: Encoding, _ questions: PackedText?, _ tape: Tape) -> Encoding {
    guard let questions else { preconditionFailure("a model that answers is asked nothing") }
    return self.questions.looking(
      self.questions(questions, .all, tape), at: images, imageOfText: Array(0..<questions.count), tape)
  }
}
