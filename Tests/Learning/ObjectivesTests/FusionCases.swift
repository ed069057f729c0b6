import Objectives

extension ObjectiveCase {
  /// Models in which text and image meet from the first layers on, and all at once what such a model can learn: a line a join.
  static let fusions: [ObjectiveCase] =
    cases(JoinCase.postNorm[0], [regions, classes]) + cases(JoinCase.postNorm[1], [cells])
    + cases(JoinCase.preNorm, [pixels]) + cases(JoinCase.coAttention[0], [regions, classes])
    + cases(JoinCase.coAttention[1], [cells]) + cases(JoinCase.droppingCoAttention, [regions])
    + cases(JoinCase.crossAttention[0], [cells])
    + cases(JoinCase.gated, [cells]) + cases(JoinCase.early[0], [regions, classes])
    + cases(JoinCase.early[1], [cells]) + cases(JoinCase.late, [matching]) + cases(JoinCase.hybrid, [cells])
    + cases(JoinCase.bottleneck, [cells]) + cases(JoinCase.stages, [cells])

  /// Streams that every parameter sees once a step.
  static let onePass = cases(JoinCase.coAttention[0], [matching])

  /// Matching with random negatives, its alignment, and masked words and regions all at once.
  private static let regions: [String: Double] = [
    "matching": 1, "alignment": 0.1, "masked_text": 0.5, "masked_regions.features": 1,
  ]
  private static let classes: [String: Double] = [
    "masked_regions.classes": 1, "masked_regions.distribution": 0.5, "alignment": 1,
  ]
  private static let cells: [String: Double] = [
    "matching": 1, "alignment": 0.1, "masked_text": 0.5, "masked_regions.features": 1, "masked_regions.pixels": 1,
  ]
  private static let pixels: [String: Double] = [
    "matching": 1, "alignment": 0.1, "masked_text": 0.5, "masked_regions.pixels": 1,
  ]
  private static let matching: [String: Double] = ["matching": 1]

  private static func cases(_ join: JoinCase, _ learnt: [[String: Double]]) -> [ObjectiveCase] {
    learnt.map { weights in
      guard let made = join.learning(JoinCase.settings(weights)) else {
        preconditionFailure("\(join.name) can learn \(weights)")
      }
      return made
    }
  }
}
