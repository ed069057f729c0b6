internal import Layers
public import TensorEngine

/// BLIP that answers questions in words of its own: the decoder looks at what the text encoder makes of the question while that
/// looks at the image. Parameters are called as in transformers' `BlipForQuestionAnswering`.
public final class BLIPAnswerer: AnswerGenerator {
  public let configuration: BLIPConfiguration
  private let vision: any PictureEncoder
  private let questions: BLIPTextEncoder
  public let decoder: TextDecoder

  init(_ configuration: BLIPConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    vision = configuration.vision.makePictureEncoder(builder[BLIPConfiguration.visionPrefix])
    questions = BLIPTextEncoder(configuration, builder)
    decoder = TextDecoder(configuration, builder)
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { vision }
  public var textEncoder: any TextEncoder { questions }

  public func context(
    _ images: Encoding, _ questions: Encoding, imageOfQuestion: [Int], _ tape: Tape
  ) -> Encoding {
    self.questions.looking(questions, at: images, imageOfText: imageOfQuestion, tape)
  }
}
