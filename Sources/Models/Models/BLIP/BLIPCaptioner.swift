internal import Layers

/// BLIP that describes images: a decoder looks at what the image tower sees. Parameters are called as in transformers'
/// `BlipForConditionalGeneration`.
public final class BLIPCaptioner: TextGenerator {
  public let configuration: BLIPConfiguration
  private let vision: any PictureEncoder
  public let decoder: TextDecoder

  init(_ configuration: BLIPConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    vision = configuration.vision.makePictureEncoder(builder[BLIPConfiguration.visionPrefix])
    decoder = TextDecoder(configuration, builder)
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { vision }
}
