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
    remarks = study.expansion.remarks + Self.warnings(plan)
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

  private static func warnings(_ plan: StudyPlan) -> [String] {
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
