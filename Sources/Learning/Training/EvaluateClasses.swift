internal import Batching
public import Collectives
public import Evaluation
internal import Objectives
internal import Pretrained
public import Reporting
internal import Tasks

/// Measures a model on disk on a split, as the task does that its weights were trained for, and beside that what is asked for;
/// collective.
/// - Parameters:
///   - by: what groups are made by that are to be compared, as `Grouping` takes it: `group`, `label:NAME`, or several.
///   - fusion: whether to find out what a model of classes makes of its modalities together.
///   - pairs: most images with texts of other samples that are looked at for that, or that a matching head scores for retrieval.
/// - Throws: the errors of the rooms, each a `ReportableError`.
public func evaluateClasses(
  of path: String, data: String, split: String, by: String? = nil, fusion: Bool = false, rerankDepth: Int = 0,
  pairs: Int = 100_000, allowsNotFinite: Bool = false, threads: Int, communicator: any Communicator,
  output: ProgressOutput, warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> any TaskReport {
  let dataSet = try PreparedDataSet(path: data)
  let directory = try ModelDirectory(path: path)
  try directory.requireSquares()
  let task = try TaskCatalogue.task(ofModelIn: directory.path)
  let groups = try by.map { try ComparedGroups(dataSet, split: split, by: $0) }
  let progress = ProgressReporter(title: "evaluating", unit: "sample", total: nil, output: output)
  let tell = { (done: Int, total: Int) in progress.update(completed: done, of: total) }
  let report: any TaskReport = try withMeasuredModel(
    in: directory, task, rerankDepth: rerankDepth, matchedPairs: pairs, allowsNotFinite: allowsNotFinite,
    threads: threads, communicator: communicator, warnOfNotFinite: warnOfNotFinite
  ) { subject in
    if let predictions = try task.classPredictions(subject, on: dataSet, split: split, progress: tell) {
      let scores = fusion ? try task.fusionScores(subject, predictions, on: dataSet, split: split) : nil
      if fusion, scores == nil { throw OneModalityError(path: directory.path) }
      return ReportInParts(
        all: try ClassificationMetrics(predictions, hasIntervals: true), groups: try groups?.compare(predictions),
        fusion: try scores.map { try FusionMetrics($0, hasIntervals: true) })
    }
    guard !fusion else { throw NoClassesError(path: directory.path, task: type(of: task).name) }
    let (cases, report) = try measuredCases(subject, task, on: dataSet, split: split, progress: tell)
    guard !cases.isEmpty || groups == nil else {
      throw NoCasesError(path: directory.path, task: type(of: task).name)
    }
    return ReportInParts(all: report, groups: try groups?.compare(cases), fusion: nil)
  }
  progress.finish()
  return report
}

/// What a task measures, and what it finds of single cases on the way.
private func measuredCases(
  _ subject: MeasuredModel, _ task: any Task, on dataSet: PreparedDataSet, split: String,
  progress: (_ done: Int, _ total: Int) -> Void
) throws -> ([CaseSet], any TaskReport) {
  let cases = MeasuredCases()
  var subject = subject
  subject.cases = cases
  let report = try task.measure(subject, on: dataSet, split: split, progress: progress)
  return (cases.sets, report)
}

/// The groups of a split that are compared, and which samples are no independent evidence within them.
private struct ComparedGroups {
  let by: String
  let names: [String?]
  let clusters: ImageClusters

  init(_ dataSet: PreparedDataSet, split: String, by: String) throws {
    guard let grouping = Grouping(list: by) else { throw GroupingError(by: by) }
    self.by = grouping.name
    names = try SampleGroups(dataSet, split: split, grouping).names
    clusters = try dataSet.clusters(ofSplit: split, comparing: grouping)
  }

  func compare(_ predictions: ClassPredictions) throws -> GroupMetrics {
    try GroupMetrics(predictions, groups: names, by: by, clusters: clusters, hasIntervals: true)
  }

  func compare(_ cases: [CaseSet]) throws -> CaseGroups {
    try CaseGroups(cases, groups: names, by: by, clusters: clusters)
  }
}

/// Figures of all, of groups, and of modalities together.
private struct ReportInParts: TaskReport {
  let all: any TaskReport
  let groups: (any GroupReport)?
  let fusion: FusionMetrics?

  var members: [(String, OrderedJSON)] { all.members }
  var summary: [(name: String, value: String)] { all.summary }
  var score: Double { all.score }
  var table: String {
    let more = [groups?.lines, fusion?.lines].compactMap(\.self)
    return all.table + more.map { "\n" + $0.joined(separator: "\n") + "\n" }.joined()
  }

  private enum CodingKeys: String, CodingKey { case groups, fusion }

  func encode(to encoder: any Encoder) throws {
    try all.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    if let groups { try container.encode(groups, forKey: .groups) }
    try container.encodeIfPresent(fusion, forKey: .fusion)
  }
}

/// What names no column that groups could be made by.
struct GroupingError: ReportableError {
  let by: String

  var description: String {
    "--by \(printable(by, limit: 60)) makes no groups; give group, label:NAME, or several of these with commas between them, each once"
  }
  var exitCode: ExitCode { .usage }
}

/// A task that says nothing of single cases.
struct NoCasesError: ReportableError {
  let path: String
  let task: String

  var description: String {
    "\(printable(path)) was trained for \(task), of which nothing was measured that groups could be compared by; leave --by out"
  }
  var exitCode: ExitCode { .configuration }
}

/// A model that looks at one thing alone.
struct OneModalityError: ReportableError {
  let path: String

  var description: String {
    "\(printable(path)) looks at one modality alone, so there is nothing that it could make of several; leave --fusion out"
  }
  var exitCode: ExitCode { .configuration }
}
