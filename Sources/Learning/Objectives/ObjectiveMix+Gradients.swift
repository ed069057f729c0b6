internal import Layers
internal import Models
public import TensorEngine

extension ObjectiveMix {
  /// Forward and backward: the gradients of this rank's share of the loss are then in the arena.
  ///
  /// - Parameters:
  ///   - micro: pairs that are computed at once; nil takes all. Only what the backward pass needs of so many is in memory at
  ///     a time, and the loss stays that of the global batch. For objectives that look at features alone, and not for a tape
  ///     with `batchStatistics`, which are of the whole batch.
  ///   - afterEach: is called during the backward pass of a batch in one part, as `Tape.backward` says.
  public func computeGradients(
    of batch: StepBatch, micro: Int? = nil, _ tape: Tape, afterEach: () -> Void = {}
  ) throws -> ObjectiveLosses {
    guard let micro, micro < batch.count else {
      let losses = try self(batch, tape)
      try tape.backward(from: losses.total, afterEach: afterEach)
      return losses
    }
    let terms = terms(ofStep: batch.step)
    guard let model = model as? any FeatureModel, looksAtFeaturesOnly(terms) else {
      preconditionFailure("an objective that looks at tokens is not computed in parts")
    }
    precondition(tape.batchStatistics == nil, "a part of a batch does not have the batch's statistics")
    let parts = batch.parts(of: micro)
    let images = FeatureCache(parts, tape) { model.imageFeatures($0.encodedImages(model, .pooled, $1), $1) }
    let texts = FeatureCache(parts, tape) { model.textFeatures($0.encodedTexts(model, .pooled, $1), $1) }
    let states = BatchStates(
      batch, model, images: images.features, texts: texts.features, communicator, tape)
    let losses = try losses(terms, states, tape)
    try tape.backward(from: losses.total)
    for cache in [images, texts] { try cache.backwardOfLast() }
    for cache in [images, texts] { try cache.backwardOfOthers() }
    return losses
  }
}
