internal import Models
internal import TensorEngine

/// What a model makes of pairs of image and text: states of all tokens, and what stands for a pair. Image i meets text i.
struct JointCase: CasePart {
  static let inputs = FeatureCase.inputs + CaseRun.taskInputs
  static let results = [textStates, imageStates, pooled, pooledText, pooledImage]

  /// [B, slots of a text, W], and likewise of an image; only slots of tokens that are there are compared.
  private static let (textStates, imageStates) = ("output.text_states", "output.image_states")
  /// [B, W]
  private static let (pooled, pooledText, pooledImage) = (
    "output.pooled", "output.pooled_text", "output.pooled_image"
  )

  private let model: any JointModel
  let results: [String]

  init?(_ model: any Model) {
    guard let model = model as? any JointModel else { return nil }
    self.model = model
    results =
      [Self.textStates, Self.imageStates, Self.pooled]
      + (model is any TwoStreamModel ? [Self.pooledText, Self.pooledImage] : [])
  }

  func result(_ name: String, of run: CaseRun) throws -> Tensor {
    let joint = try run.joint(model, for: name)
    switch name {
    case Self.textStates: return joint.texts.states
    case Self.imageStates: return joint.images.states
    case Self.pooled: return model.pooled(joint, run.tape)
    default:
      guard let model = model as? any TwoStreamModel else { preconditionFailure("\(name) is of two streams") }
      let streams = model.pooledStreams(joint, run.tape)
      return name == Self.pooledText ? streams.text : streams.image
    }
  }

  func slots(_ name: String, of run: CaseRun) throws -> CaseSlots? {
    let joint = try run.joint(model, for: name)
    return switch name {
    case Self.textStates: try run.slots(name, of: joint.texts.offsets)
    case Self.imageStates: try run.slots(name, of: joint.images.offsets)
    default: nil
    }
  }
}
