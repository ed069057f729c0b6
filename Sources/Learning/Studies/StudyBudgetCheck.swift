internal import Configuration
internal import Files
internal import Reporting

/// How far from the baseline's a budget counts as the same.
private let tolerance = 0.05

/// Refuses variants that are to share a budget with the baseline and do not, unless they say so.
/// - Returns: what differs all the same, a sentence each.
func budgetRemarks(_ plan: StudyPlan, _ runs: [StudyRun], _ path: String) throws -> [String] {
  var (problems, remarks): ([String], [String]) = ([], [])
  let first = plan.blocks.first?.seed
  let sizes = runs.reduce(into: [String: StudySize]()) { $0[$1.folder] = $1.size }
  for run in runs where !run.isStage && run.block.seed == first && run.recipe != plan.baseline {
    guard let variant = plan.variants.first(where: { $0.name == run.recipe }),
      let baseline = runs.first(where: { $0.recipe == plan.baseline && !$0.isStage && $0.block == run.block })
    else { continue }
    let own = run.size.adding(run.stage.flatMap { sizes[$0] })
    let other = baseline.size.adding(baseline.stage.flatMap { sizes[$0] })
    let place = run.block.set.map { " on \(printable(lastComponent(of: $0)))" } ?? ""
    for budget in StudyBudget.allCases {
      guard let words = difference(budget, own, other, run, baseline) else { continue }
      let sentence = "\(run.recipe)\(place) \(words)"
      // Time decides how many samples are seen, and so how much is computed.
      let isByTime = plan.seconds != nil && [.samples, .operations].contains(budget)
      let isAsked = plan.budget.contains(budget) || budget == .data
      if variant.differs.contains(budget) || isByTime || !isAsked {
        remarks.append(sentence)
      } else {
        problems.append(sentence)
      }
    }
  }
  guard problems.isEmpty else { throw StudyError.budget(plan: path, problems: problems) }
  return remarks
}

private func difference(
  _ budget: StudyBudget, _ own: StudySize, _ other: StudySize, _ run: StudyRun, _ baseline: StudyRun
) -> String? {
  guard let count = own.count(of: budget), let goal = other.count(of: budget) else {
    let same =
      run.trainedSet == baseline.trainedSet && run.configuration.data.split == baseline.configuration.data.split
    return same
      ? nil
      : "learns from \(printable(run.trainedSet)) (\(run.configuration.data.split)), the baseline from \(printable(baseline.trainedSet)) "
        + "(\(baseline.configuration.data.split))"
  }
  guard (count - goal).magnitude > tolerance * goal else { return nil }
  // Where all is trained it is said once.
  if budget == .trained, own.trained == own.parameters, other.trained == other.parameters { return nil }
  let times = goal > 0 ? " (\(brief(count / goal)) times)" : ""
  return switch budget {
  case .operations: "computes \(brief(count * 1e-12)) TFLOP, the baseline \(brief(goal * 1e-12))\(times)"
  case .parameters: "has \(Int(count)) parameters, the baseline \(Int(goal))\(times)"
  case .trained: "trains \(Int(count)) parameters, the baseline \(Int(goal))\(times)"
  case .samples: "sees \(Int(count)) samples, the baseline \(Int(goal))\(times)"
  case .data: nil
  }
}

/// Refuses two variants that are one.
func requireDifferentVariants(_ runs: [StudyRun], _ path: String) throws {
  guard let block = runs.first?.block else { return }
  let variants = runs.filter { !$0.isStage && $0.block == block }
  for (place, run) in variants.enumerated() {
    guard let twin = variants[..<place].first(where: { $0.hash == run.hash }) else { continue }
    throw StudyError.recipe(
      plan: path, name: run.recipe,
      problem: "it is the same as \(twin.recipe) in every setting; leave one of the two out, or set what was meant")
  }
}
