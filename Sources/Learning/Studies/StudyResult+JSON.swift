internal import Evaluation
public import Reporting

extension StudyResult {
  /// `study.json`.
  public var document: OrderedJSON {
    .object([
      ("format", .integer(1)), ("name", .text(plan.name)), ("question", .text(plan.question)),
      ("baseline", .text(plan.baseline)), ("split", .text(plan.split)),
      ("blocks", .list(plan.blocks.map(block))),
      (
        "noise",
        noise.map { .object([("deviation", .number($0.deviation)), ("smallest", .number($0.smallest))]) } ?? .null
      ),
      ("comparisons", .integer(max(0, plan.variants.count - 1))), ("variants", .list(variants.map(variant))),
      ("remarks", .list(remarks.map { .text($0) })),
      ("missing", .list(missing.map { .object([("run", .text($0.folder)), ("why", .text($0.words))]) })),
    ])
  }

  private func block(_ block: StudyBlock) -> OrderedJSON {
    .object([("seed", .integer(Int(clamping: block.seed)))] + (block.set.map { [("data", .text($0))] } ?? []))
  }

  private func variant(_ variant: Variant) -> OrderedJSON {
    let size = variant.size
    return .object([
      ("name", .text(variant.name)), ("title", .text(variant.title)),
      ("parameters", .integer(size.parameters)), ("trained", .integer(size.trained)),
      ("operations", .number(size.operations)), ("samples", .integer(size.samples)), ("steps", .integer(size.steps)),
      ("figures", .list(variant.figures.map(figure))), ("runs", .list(variant.folders.map { .text($0) })),
    ])
  }

  private func figure(_ figure: Figure) -> OrderedJSON {
    .object([
      ("name", .text(figure.figure.name)), ("better", .text(figure.figure.isLowerBetter ? "lower" : "higher")),
      ("values", .list(figure.values.map { $0.map { .number($0) } ?? .null })), ("mean", mean(figure.mean)),
      ("test_interval", interval(figure.testInterval)), ("difference", mean(figure.difference)),
      ("p", number(figure.difference?.p)), ("p_holm", number(figure.corrected)),
      (
        "on_test_samples",
        figure.bootstrap.map {
          .object([
            ("samples", .integer($0.samples)), ("difference", .number($0.difference)),
            ("interval", interval($0.interval)), ("p", .number($0.p)),
          ])
        } ?? .null
      ),
      (
        "mcnemar_first_seed",
        figure.mcNemar.map {
          .object([
            ("right_alone", .integer($0.first)), ("baseline_right_alone", .integer($0.second)), ("p", .number($0.p)),
          ])
        } ?? .null
      ),
    ])
  }

  private func mean(_ mean: SampleMean?) -> OrderedJSON {
    mean.map {
      .object([
        ("runs", .integer($0.count)), ("value", .number($0.mean)), ("deviation", number($0.deviation)),
        ("interval", interval($0.interval)),
      ])
    } ?? .null
  }

  private func interval(_ interval: Interval?) -> OrderedJSON {
    interval.map { .list([.number($0.low), .number($0.high)]) } ?? .null
  }

  private func number(_ value: Double?) -> OrderedJSON { value.map { .number($0) } ?? .null }
}
