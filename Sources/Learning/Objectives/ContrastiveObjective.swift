internal import Layers
public import Models
public import TensorEngine

/// InfoNCE with a learned temperature; the negatives are all other pairs of the global batch (Radford et al., 2021).
public struct ContrastiveObjective: Objective {
  public static let name = "contrastive"
  public static let summary = "InfoNCE between images and texts, over all pairs of the global batch."
  public static let usualWeight = 1.0
  public static let needs = [ModelPart.features]
  public static let looksAtFeaturesOnly = true

  private let model: any FeatureModel

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model as? any FeatureModel else { return nil }
    self.model = model
  }

  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let all = try states.allFeatures()
    return tape.contrastiveLoss(
      image: states.imageFeatures, text: states.textFeatures, allImages: all.images, allTexts: all.texts,
      logitScale: model.logitScale.tensor, first: states.batch.layout.first)
  }
}

/// The range in which CLIP keeps the logarithm of the inverse temperature: a scale of 1 to 100 (Radford et al., §2.5).
let logitScaleRange: ClosedRange<Float> = 0...4.6051702
