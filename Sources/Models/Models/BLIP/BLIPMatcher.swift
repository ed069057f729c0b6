public import Layers
public import TensorEngine

/// BLIP that compares images and texts, by features of each alone and by reading the text while it looks at the image.
/// Parameters are called as in transformers' `BlipForImageTextRetrieval`, which has no temperature: the authors' training
/// has one, and so has a model that is trained here; a published one has the usual.
public final class BLIPMatcher: FeatureModel, MatchingModel {
  public let configuration: BLIPConfiguration
  private let vision: any PictureEncoder
  private let texts: BLIPTextEncoder
  private let imageProjection: Linear
  private let textProjection: Linear
  private let matchingHead: Linear
  public let logitScale: Parameter
  public let logitBias: Parameter? = nil
  /// Of a temperature that no file has.
  private let usual: ParameterArena?

  init(_ configuration: BLIPConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    vision = configuration.vision.makePictureEncoder(builder[BLIPConfiguration.visionPrefix])
    texts = BLIPTextEncoder(configuration, builder)
    let linear = { (name: String, inputs: Int, outputs: Int) in
      Linear(
        builder, name, inputs: inputs, outputs: outputs, keepsFloat32: true,
        standardDeviation: configuration.drawnText.initialDeviation)
    }
    imageProjection = linear("vision_proj", configuration.vision.width, configuration.featureWidth)
    textProjection = linear("text_proj", configuration.text.width, configuration.featureWidth)
    matchingHead = linear("itm_head", configuration.text.width, 2)
    let own = configuration.hasLogitScale ? builder : ParameterBuilder()
    logitScale = own.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    usual = configuration.hasLogitScale ? nil : ParameterArena(own) { _ in true }
    for slice in usual?.slices ?? [] {
      usual?.weights(of: slice).update(repeating: configuration.initialLogitScale)
    }
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { vision }
  public var textEncoder: any TextEncoder { texts }

  /// Of the class token behind the last norm.
  public func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(imageProjection(images.pooled(tape), tape))
  }

  public func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor {
    tape.normalize(textProjection(self.texts.alone(texts, tape).pooled(tape), tape))
  }

  public func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let read = texts.selecting(pairs.map(\.text), tape)
    let looked = self.texts.looking(read, at: images, imageOfText: pairs.map(\.image), tape)
    return JointStates(
      images: images, texts: looked, imageOfPair: pairs.map(\.image), textOfPair: Array(pairs.indices))
  }

  public var pooledWidth: Int { configuration.text.width }
  public var jointImageWidth: Int { configuration.vision.width }
  public func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor { joint.texts.pooled(tape) }
  public func match(_ joint: JointStates, _ tape: Tape) -> Tensor { matchingHead(pooled(joint, tape), tape) }
}
