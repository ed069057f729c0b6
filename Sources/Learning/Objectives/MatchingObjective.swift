internal import Collectives
internal import Foundation
internal import Layers
public import Models
internal import Randomness
public import TensorEngine

/// Image–text matching: does this caption belong to this image? With hard negatives, for each image one wrong caption and for
/// each caption one wrong image, both from the global batch (Li et al., "Align before Fuse", 2021); with random ones, each
/// caption once, with its image or with another (Chen et al., "UNITER", 2020).
public struct MatchingObjective: Objective {
  public static let name = "matching"
  public static let summary = "Image–text matching on true pairs and on wrong ones of the global batch."
  public static let otherNames = ["itm"]
  public static let usualWeight = 1.0
  public static let needs = [ModelPart.matchingHead]
  public static let looksAtFeaturesOnly = false

  private let model: any MatchingModel
  /// By whose features hard negatives are chosen; nil where negatives are random.
  private let features: (any FeatureModel)?
  private let seed: UInt64
  private let communicator: any Communicator

  public static func needs(_ settings: ObjectiveSettings) -> [ModelPart] {
    settings.negatives == .hard ? needs + [.features] : needs
  }

  public static func advice(on part: ModelPart) -> String? {
    part == .features ? "set objective.negatives to random, as hard ones are chosen by features" : nil
  }

  public static func joinings(_ settings: ObjectiveSettings, hasFeatures: Bool) -> Int {
    hasFeatures && settings.negatives != .random ? 3 : 1
  }

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model.matching else { return nil }
    features = context.settings.negatives == .random ? nil : context.model as? any FeatureModel
    guard features != nil || context.settings.negatives != .hard else { return nil }
    (self.model, seed, communicator) = (model, context.seed, context.communicator)
  }

  /// This rank's share of the mean cross-entropy over all pairs of all ranks.
  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let met = try features.map { try withHardNegatives(states, $0, tape) } ?? states.meetings(model, seed: seed, tape)
    let count = try communicator.sum(met.asked.pairs.count, "count of matching pairs")
    return tape.crossEntropy(model.match(met.joint, tape), targets: met.asked.targets, count: max(count, 1))
  }

  private func withHardNegatives(
    _ states: BatchStates, _ features: any FeatureModel, _ tape: Tape
  ) throws -> Meetings {
    let asked = MatchingPairs(states.batch.layout, negatives: try hardNegatives(states, features, tape))
    return Meetings(asked: asked, joint: try states.join(asked.pairs, model, tape))
  }

  /// For each local pair, in global indices: a caption that does not belong to its image, an image that does not
  /// belong to its caption.
  private func hardNegatives(
    _ states: BatchStates, _ features: any FeatureModel, _ tape: Tape
  ) throws -> [(text: Int?, image: Int?)] {
    let (all, identities) = (try states.allFeatures(), try states.identities())
    let (batch, scale) = (states.batch, exp(features.logitScale.tensor.value))
    let total = batch.layout.total
    let imageLogits = tape.engine.similarities(states.imageFeatures, all.texts, scale: scale)
    let textLogits = tape.engine.similarities(states.textFeatures, all.images, scale: scale)
    return batch.layout.local.enumerated().map { row, anchor in
      let rows = row * total..<(row + 1) * total
      var random = RandomStream(seed: seed, .hardNegatives, UInt64(batch.step), UInt64(anchor))
      let text = imageLogits.withValues {
        hardNegative(logits: UnsafeBufferPointer(rebasing: $0[rows]), anchor: anchor, identities, &random)
      }
      let image = textLogits.withValues {
        hardNegative(logits: UnsafeBufferPointer(rebasing: $0[rows]), anchor: anchor, identities, &random)
      }
      return (text, image)
    }
  }
}
