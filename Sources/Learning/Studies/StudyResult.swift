internal import Configuration
public import Evaluation
internal import Files
internal import Reporting

/// What a study has found: a function of its plan and data alone, the same however often it was interrupted.
public struct StudyResult: Sendable {
  public let plan: StudyPlan
  public let variants: [Variant]
  public let remarks: [String]
  /// Runs that have no figures, by their folders, and why, where that is known.
  public let missing: [(folder: String, words: String)]

  public struct Variant: Sendable {
    public let name: String
    public let title: String
    /// Of a run with all that is trained before it; of the first block.
    public let size: StudySize
    /// In the order of the plan's.
    public let figures: [Figure]
    /// The folders of its runs, in the order of the blocks.
    public let folders: [String]
  }

  public struct Figure: Sendable {
    public let figure: StudyPlan.Figure
    /// In the order of the blocks; nil where the run failed or is not there yet.
    public let values: [Double?]
    /// Over blocks.
    public let mean: SampleMean?
    /// 95 % over the samples of the test set, of one run: the mean of what the runs say.
    public let testInterval: Interval?
    /// To the baseline, block by block.
    public let difference: SampleMean?
    /// The difference's p, corrected for the number of variants (Holm).
    public let corrected: Double?
    /// The difference over the samples of the test set, each counting by the mean over seeds.
    public let bootstrap: PairedBootstrap?
    /// Of the first seed's runs.
    public let mcNemar: McNemarTest?
  }

  /// Reads what is measured.
  public init(_ study: Study) throws {
    let plan = study.expansion.plan
    let runs = study.expansion.runs.filter { !$0.isStage }
    var reports: [String: [[String]: [UInt8]]] = [:]
    for run in runs where try study.isDone(run) {
      for without in plan.cases {
        reports[run.folder, default: [:]][without] = try readFile(
          run.evaluationPath(without: without), limit: 256 << 20)
      }
    }
    let tables = plan.figures.map { figure in
      FigureTable(figure, plan, runs) { reports[$0.folder]?[figure.without] }
    }
    let variants = plan.variants.enumerated().map { place, variant in
      let own = runs.filter { $0.recipe == variant.name }
      return Variant(
        name: variant.name, title: variant.title,
        size: own.first.map { study.expansion.size(of: $0) } ?? StudySize(),
        figures: tables.map { $0.rows[place] }, folders: own.map(\.folder))
    }
    (self.plan, self.variants) = (plan, variants)
    remarks = study.expansion.remarks + Self.warnings(plan, variants)
    let told = study.failures
    missing = runs.filter { reports[$0.folder] == nil }.map { run in
      (run.folder, told.first { $0.folder == run.folder }?.words ?? "not there yet")
    }
  }

  /// What is missing in words, once for each reason.
  public var missingWords: [String] {
    var reasons: [String] = []
    for (_, words) in missing where !reasons.contains(words) { reasons.append(words) }
    return reasons.map { reason in
      let folders = missing.filter { $0.words == reason }.map { printable($0.folder) }
      let more = folders.count > 4 ? " and \(folders.count - 4) more" : ""
      return folders.prefix(4).joined(separator: ", ") + more + ": " + reason
    }
  }

  private static func warnings(_ plan: StudyPlan, _ variants: [Variant]) -> [String] {
    var words: [String] = []
    if plan.blocks.count < 3 {
      words.append(
        "\(plan.blocks.count) run\(plan.blocks.count == 1 ? "" : "s") a variant: fewer than three say little of how much chance there is"
      )
    }
    if plan.sets.count > 1 {
      words.append(
        "intervals are over \(plan.seeds.count) seeds × \(plan.sets.count) sets; runs on one set share its test samples"
      )
    }
    if plan.split.hasPrefix("train") { words.append("measured on \(plan.split), on which models may have learnt") }
    return words
  }

  /// How much runs of the baseline differ by chance alone, and how large a difference of two means must be to be told from it (95 %); nil
  /// of fewer than two.
  public var noise: (deviation: Double, smallest: Double)? {
    guard let baseline = variants.first(where: { $0.name == plan.baseline })?.figures.first?.mean,
      let deviation = baseline.deviation
    else { return nil }
    let count = Double(baseline.count)
    let t = StudentDistribution.quantile(doubt: 0.05, freedom: 2 * (baseline.count - 1))
    return (deviation, t * deviation * (2 / count).squareRoot())
  }
}

/// One figure of all variants.
private struct FigureTable {
  let rows: [StudyResult.Figure]

  init(
    _ figure: StudyPlan.Figure, _ plan: StudyPlan, _ runs: [StudyRun], _ report: (StudyRun) -> [UInt8]?
  ) {
    let blocks = plan.blocks
    func found<Value>(_ variant: String, _ read: ([UInt8]) -> Value?) -> [Value?] {
      blocks.map { block in
        runs.first { $0.recipe == variant && $0.block == block }.flatMap(report).flatMap(read)
      }
    }
    let measured = plan.variants.map { found($0.name) { reportedFigure(figure.figure, in: $0) } }
    let base = plan.variants.firstIndex { $0.name == plan.baseline } ?? 0
    let differences = measured.enumerated().map { place, values -> SampleMean? in
      guard place != base else { return nil }
      let pairs = zip(values, measured[base]).compactMap { own, other in
        own.flatMap { own in other.map { (own.value, $0.value) } }
      }
      return SampleMean(pairs.map(\.0), less: pairs.map(\.1))
    }
    let corrected = holmCorrected(differences.map { $0?.p })
    // The share of right ones is what single samples add up to.
    let isShare = figure.figure == "accuracy" && figure.without.isEmpty
    let isOneSet = plan.sets.count < 2 || plan.measuredSet != nil
    let samples = isShare && isOneSet ? plan.variants.map { found($0.name) { StudySamples(inReport: $0) } } : []
    rows = measured.enumerated().map { place, values in
      let pair = samples.isEmpty || place == base ? nil : SamplePair(samples[place], samples[base])
      return StudyResult.Figure(
        figure: figure, values: values.map { $0?.value }, mean: SampleMean(values.compactMap { $0?.value }),
        testInterval: testInterval(values.compactMap(\.self)), difference: differences[place],
        corrected: corrected[place], bootstrap: pair?.bootstrap, mcNemar: pair?.mcNemar)
    }
  }
}

private func testInterval(_ figures: [MeasuredFigure]) -> Interval? {
  let intervals = figures.compactMap(\.interval)
  guard !intervals.isEmpty, intervals.count == figures.count else { return nil }
  let count = Double(intervals.count)
  return Interval(
    low: intervals.reduce(0) { $0 + $1.lowerBound } / count, high: intervals.reduce(0) { $0 + $1.upperBound } / count)
}

/// A variant and the baseline, sample by sample.
private struct SamplePair {
  let bootstrap: PairedBootstrap?
  let mcNemar: McNemarTest?

  /// Nil where they were not asked the same.
  init?(_ own: [StudySamples?], _ base: [StudySamples?]) {
    let pairs = zip(own, base).compactMap { own, base in own.flatMap { own in base.map { (own, $0) } } }
    guard let first = pairs.first else { return nil }
    let clusters = first.0.clusters
    let known = clusters.indices.filter { place in
      pairs.allSatisfy { own, base in
        own.percent.indices.contains(place) && base.percent.indices.contains(place) && own.percent[place] != nil
          && base.percent[place] != nil
      }
    }
    guard pairs.allSatisfy({ $0.0.clusters == clusters && $0.1.clusters == clusters }), !known.isEmpty else {
      return nil
    }
    func mean(_ all: [StudySamples]) -> [Double] {
      known.map { place in all.reduce(0.0) { $0 + ($1.percent[place] ?? 0) } / Double(all.count) }
    }
    bootstrap = PairedBootstrap(mean(pairs.map(\.0)), less: mean(pairs.map(\.1)), clusters: known.map { clusters[$0] })
    let both = known.map { (first.0.percent[$0] ?? 0, first.1.percent[$0] ?? 0) }
    let isRightOrWrong = both.allSatisfy { [0, 100].contains($0.0) && [0, 100].contains($0.1) }
    mcNemar = isRightOrWrong ? McNemarTest(both.map { $0.0 == 100 }, both.map { $0.1 == 100 }) : nil
  }
}
