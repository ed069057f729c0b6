public import Collectives
internal import Layers
public import Models
public import TensorEngine

/// The weights with which losses are added up; a weight of 0 leaves a loss out.
public struct ObjectiveWeights: Sendable, Equatable {
  public var contrastive: Float
  public var matching: Float

  public init(contrastive: Float, matching: Float) {
    (self.contrastive, self.matching) = (contrastive, matching)
  }
}

/// This rank's share of each loss; the ranks' shares add up to the loss of the global batch.
public struct ObjectiveLosses {
  /// The weighted sum, to start the backward pass from.
  public let total: Tensor
  public let contrastive: Float?
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
    let all = try GlobalFeatures(
      images: images.features, texts: texts.features, batch.layout, communicator, tape)
    let scale = model.towers.logitScale.tensor
    var terms: [(weight: Float, loss: Tensor)] = []
    var contrastiveLoss: Float?
    var matchingLoss: Float?
    if weights.contrastive != 0 {
      let loss = contrastive(
        images: images.features, texts: texts.features, all, logitScale: scale, first: batch.layout.first, tape)
      contrastiveLoss = loss.value
      terms.append((weights.contrastive, loss))
    }
    if let matching {
      let loss = try matching(batch, images, texts, all, logitScale: scale.value, tape)
      matchingLoss = loss.value
      terms.append((weights.matching, loss))
    }
    return ObjectiveLosses(
      total: tape.weightedSum(terms), contrastive: contrastiveLoss, matching: matchingLoss)
  }
}
