public import Collectives
internal import Layers
public import Models
public import TensorEngine

/// The weights with which losses are added up; a weight of 0 leaves a loss out.
public struct ObjectiveWeights: Sendable, Equatable {
  public var contrastive: Float
  public var sigmoid: Float
  public var matching: Float

  public init(contrastive: Float, sigmoid: Float = 0, matching: Float) {
    (self.contrastive, self.sigmoid, self.matching) = (contrastive, sigmoid, matching)
  }
}

/// This rank's share of each loss; the ranks' shares add up to the loss of the global batch.
public struct ObjectiveLosses {
  /// The weighted sum, to start the backward pass from.
  public let total: Tensor
  public let contrastive: Float?
  public let sigmoid: Float?
  public let matching: Float?
}

/// Binds a model to the losses it is trained with. The training loop knows nothing else of either.
public struct Objective {
  let model: ImageTextModel
  let weights: ObjectiveWeights
  let communicator: any Communicator
  let matching: MatchingObjective?

  /// - Parameter seed: names the random choice of hard negatives.
  public init(
    _ model: ImageTextModel, weights: ObjectiveWeights, seed: UInt64, _ communicator: any Communicator
  ) {
    precondition(
      weights.sigmoid == 0 || model.towers.logitBias != nil, "the sigmoid loss needs a model with a logit bias")
    precondition(weights.matching == 0 || model.fusion != nil, "matching needs a model with a matching head")
    (self.model, self.weights, self.communicator) = (model, weights, communicator)
    matching =
      weights.matching == 0
      ? nil : model.fusion.map { MatchingObjective(model: $0, seed: seed, communicator: communicator) }
  }

  public func callAsFunction(_ batch: PairBatch, _ tape: Tape) throws -> ObjectiveLosses {
    let tokens: EncodedTokens = matching == nil ? .pooled : .all
    let images = model.towers.encode(images: batch.pixels, tokens: tokens, tape)
    let texts = model.towers.encode(text: batch.text, tokens: tokens, tape)
    try tape.throwFailure()
    let all = try GlobalFeatures(
      images: images.features, texts: texts.features, batch.layout, communicator, tape)
    var losses = pairLosses(images: images.features, texts: texts.features, all, first: batch.layout.first, tape)
    if let matching {
      let scale = model.towers.logitScale.tensor.value
      losses.matching = try matching(batch, images, texts, all, logitScale: scale, tape)
    }
    return losses.total(weights, tape)
  }

  /// The losses that look at nothing but features.
  func pairLosses(
    images: Tensor, texts: Tensor, _ all: GlobalFeatures, first: Int, _ tape: Tape
  ) -> LossTerms {
    let (scale, bias) = (model.towers.logitScale.tensor, model.towers.logitBias?.tensor)
    var losses = LossTerms()
    if weights.contrastive != 0 {
      losses.contrastive = contrastive(images: images, texts: texts, all, logitScale: scale, first: first, tape)
    }
    if weights.sigmoid != 0, let bias {
      losses.sigmoid = tape.sigmoidLoss(
        image: images, allTexts: all.texts, logitScale: scale, logitBias: bias, first: first)
    }
    return losses
  }
}

/// Losses on a tape, those that have a weight.
struct LossTerms {
  var contrastive: Tensor?
  var sigmoid: Tensor?
  var matching: Tensor?

  func total(_ weights: ObjectiveWeights, _ tape: Tape) -> ObjectiveLosses {
    let terms = [(weights.contrastive, contrastive), (weights.sigmoid, sigmoid), (weights.matching, matching)]
    return ObjectiveLosses(
      total: tape.weightedSum(terms.compactMap { weight, loss in loss.map { (weight, $0) } }),
      contrastive: contrastive?.value, sigmoid: sigmoid?.value, matching: matching?.value)
  }
}
