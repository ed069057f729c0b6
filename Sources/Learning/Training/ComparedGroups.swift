internal import Batching
internal import Evaluation
internal import Objectives
internal import Pretrained
internal import Reporting
internal import Tasks

/// The groups of a split that are compared, and which samples are no independent evidence within them.
struct ComparedGroups {
  let by: String
  let names: [String?]
  let clusters: ImageClusters

  init(_ dataSet: PreparedDataSet, split: String, by: String) throws {
    guard let grouping = Grouping(list: by) else { throw GroupingError(by: by) }
    self.by = grouping.name
    names = try SampleGroups(dataSet, split: split, grouping).names
    clusters = try dataSet.clusters(ofSplit: split, comparing: grouping)
  }

  /// - Parameter cases: what was found of single ones where no classes are told.
  /// - Throws: `NoCasesError` where nothing was.
  func compare(
    _ predictions: ClassPredictions?, _ cases: MeasuredCases, of directory: ModelDirectory, _ task: any Task
  ) throws -> any GroupReport {
    if let predictions { return try compare(predictions) }
    guard !cases.sets.isEmpty else { throw NoCasesError(path: directory.path, task: type(of: task).name) }
    return try CaseGroups(cases.sets, groups: names, by: by, clusters: clusters)
  }

  private func compare(_ predictions: ClassPredictions) throws -> GroupMetrics {
    try GroupMetrics(predictions, groups: names, by: by, clusters: clusters, hasIntervals: true)
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
