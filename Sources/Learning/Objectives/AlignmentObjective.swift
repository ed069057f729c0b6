internal import Collectives
public import Models
public import TensorEngine

/// Which words belong to which regions, without anybody saying it: what it costs to carry the words of a pair to its regions is made
/// small for pairs that belong together, and large for others (Chen et al., "UNITER", 2020, §3.2).
public struct AlignmentObjective: Objective {
  public static let name = "alignment"
  public static let summary = "What it costs to carry words to regions (optimal transport), less that of wrong pairs."
  public static let otherNames = ["ot", "wra", "itm_ot_lambda"]
  public static let needs = [ModelPart.comparableStates]
  public static let looksAtFeaturesOnly = false
  /// Its pairs are those of matching with random negatives: where both are learnt they are joined once.
  public static var companion: (any Objective.Type)? { MatchingObjective.self }

  private let model: any AlignmentModel
  private let seed: UInt64
  private let communicator: any Communicator

  public static func joinings(_ settings: ObjectiveSettings, hasFeatures: Bool) -> Int {
    let isShared =
      settings[MatchingObjective.name] != 0
      && MatchingObjective.joinings(settings, hasFeatures: hasFeatures) == 1
    return isShared ? 0 : 1
  }

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model as? any AlignmentModel, model.description.with(.comparableStates) != nil else {
      return nil
    }
    (self.model, seed, communicator) = (model, context.seed, context.communicator)
  }

  /// This rank's share of the distances of true pairs less those of the others, over the number of all.
  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    let meetings = try states.meetings(model, seed: seed, tape)
    let count = try communicator.sum(meetings.asked.pairs.count, "count of aligned pairs")
    let distances = model.transport(meetings.joint, tape).distances
    return alignmentLoss(
      distances, belongs: meetings.asked.targets.map { $0 == 1 }, count: max(count, 1), tape)
  }
}
