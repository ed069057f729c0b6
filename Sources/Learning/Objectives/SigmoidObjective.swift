internal import Layers
public import Models
public import TensorEngine

/// Each pair of the global batch is a question of its own: do these two belong together? (Zhai et al., "Sigmoid Loss for
/// Language Image Pre-Training", 2023.)
public struct SigmoidObjective: Objective {
  public static let name = "sigmoid"
  public static let summary = "The sigmoid loss of SigLIP: each pair of the global batch by itself."
  public static let otherNames = ["siglip"]
  public static let needs = [ModelPart.features, .logitBias]
  public static let looksAtFeaturesOnly = true

  private let model: any FeatureModel

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model as? any FeatureModel, model.logitBias != nil else { return nil }
    self.model = model
  }

  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    guard let bias = model.logitBias?.tensor else { preconditionFailure("the sigmoid loss needs a logit bias") }
    let all = try states.allFeatures()
    return tape.sigmoidLoss(
      image: states.imageFeatures, allTexts: all.texts, logitScale: model.logitScale.tensor, logitBias: bias,
      first: states.batch.layout.first)
  }
}
