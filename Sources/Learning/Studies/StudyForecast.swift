internal import Evaluation
internal import Files
public import Reporting

/// What a study would train: what `--dry-run` prints.
public struct StudyForecast: Sendable {
  private let expansion: StudyExpansion

  public init(_ expansion: StudyExpansion) { self.expansion = expansion }

  /// Runs of the first seed, stages among them.
  private var first: [StudyRun] {
    let seed = expansion.plan.blocks.first?.seed
    return expansion.runs.filter { $0.block.seed == seed }
  }

  public var text: String {
    let plan = expansion.plan
    let heads = ["", "data", "steps", "samples", "parameters", "trained", "TFLOP"]
    let rows = first.map { run in
      [
        run.recipe + (run.isStage ? " (stage)" : run.recipe == plan.baseline ? " (baseline)" : ""), run.trainedSet,
        "\(run.size.steps)", "\(run.size.samples)", "\(run.size.parameters)", "\(run.size.trained)",
        brief(run.size.operations * 1e-12),
      ]
    }
    let seeds = plan.seeds.map { "\($0)" }.joined(separator: ", ")
    let pace = plan.seconds.map {
      [
        "each trains \(brief($0)) s; how many steps that is is measured first, and \(StudyPaces.triedSteps) are shown here"
      ]
    }
    return
      (["\(plan.name): \(expansion.runs.count) runs, \(plan.variants.count) variants, seeds \(seeds)"]
      + aligned([heads] + rows)
      + ["measured on \(plan.split): \(plan.figures.map(\.name).joined(separator: ", "))"] + (pace ?? [])
      + expansion.remarks).joined(separator: "\n") + "\n"
  }

  public var json: OrderedJSON {
    .object([
      ("name", .text(expansion.plan.name)), ("baseline", .text(expansion.plan.baseline)),
      ("split", .text(expansion.plan.split)), ("figures", .list(expansion.plan.figures.map { .text($0.name) })),
      (
        "runs",
        .list(
          expansion.runs.map { run in
            .object([
              ("recipe", .text(run.recipe)), ("stage", .flag(run.isStage)), ("run", .text(run.folder)),
              ("seed", .integer(Int(clamping: run.block.seed))), ("data", .text(run.trainedSet)),
              ("steps", .integer(run.size.steps)), ("samples", .integer(run.size.samples)),
              ("parameters", .integer(run.size.parameters)), ("trained", .integer(run.size.trained)),
              ("operations", .number(run.size.operations)), ("hash", .text(run.hash)),
            ])
          })
      ), ("remarks", .list(expansion.remarks.map { .text($0) })),
    ])
  }
}
