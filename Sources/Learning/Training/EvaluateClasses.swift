package import Batching
public import Collectives
public import Evaluation
internal import Pretrained
public import Reporting
internal import Tasks

/// Measures a model of classes on disk on a split, and beside that what is asked for; collective.
/// - Parameters:
///   - by: what groups are made by that are to be compared: `group`, or `label:NAME`.
///   - fusion: whether to find out what the model makes of its modalities together.
///   - pairs: most images with texts of other samples that are looked at for that.
/// - Throws: the errors of the rooms, each a `ReportableError`.
public func evaluateClasses(
  of path: String, data: String, split: String, by: String? = nil, fusion: Bool = false, pairs: Int = 100_000,
  allowsNotFinite: Bool = false, threads: Int, communicator: any Communicator, output: ProgressOutput,
  warnOfNotFinite: ([String]) -> Void = { _ in }
) throws -> any TaskReport {
  let dataSet = try PreparedDataSet(path: data)
  let directory = try ModelDirectory(path: path)
  try directory.requireSquares()
  let task = try TaskCatalogue.task(ofModelIn: directory.path)
  let names = try by.map { try dataSet.groupNames(split: split, by: $0) }
  let asked = try askClasses(
    in: directory, task, on: dataSet, split: split, pairs: pairs, allowsNotFinite: allowsNotFinite, threads: threads,
    communicator: communicator, output: output, warnOfNotFinite: warnOfNotFinite
  ) { subject, own in
    guard fusion else { return nil as FusionScores? }
    guard let scores = try task.fusionScores(subject, own, on: dataSet, split: split) else {
      throw OneModalityError(path: directory.path)
    }
    return scores
  }
  return ClassesReport(
    all: try ClassificationMetrics(asked.predictions, hasIntervals: true),
    groups: try names.map { try GroupMetrics(asked.predictions, groups: $0, by: by ?? "", hasIntervals: true) },
    fusion: try asked.more.map { try FusionMetrics($0, hasIntervals: true) })
}

extension PreparedDataSet {
  /// Of each sample of a split the name of its group; nil for one of none.
  /// - Throws: `GroupColumnError` where the set has no such column.
  package func groupNames(split: String, by: String) throws -> [String?] {
    guard let column = Column(by), [.group].contains(column) || column.isLabel else {
      throw GroupColumnError(path: path, split: split, by: by)
    }
    guard try columnCounts(split: split).contains(where: { $0.column == column && $0.samples > 0 }) else {
      throw GroupColumnError(path: path, split: split, by: by)
    }
    return try samples(split: split).map { sample in
      let columns = try columns([column], of: sample).columns
      if case .labels(let name) = column { return columns.labels[name]?.first }
      return columns.group
    }
  }
}

extension Column {
  fileprivate var isLabel: Bool { if case .labels = self { true } else { false } }
}

/// Figures of all, of groups, and of modalities together.
private struct ClassesReport: TaskReport {
  let all: ClassificationMetrics
  let groups: GroupMetrics?
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
    try container.encodeIfPresent(groups, forKey: .groups)
    try container.encodeIfPresent(fusion, forKey: .fusion)
  }
}

/// A set without what groups are to be made by.
struct GroupColumnError: ReportableError {
  let path: String
  let split: String
  let by: String

  var description: String {
    "the split \(printable(split)) of \(printable(path)) has no \(printable(by)) to group by; give --by group, or --by label:NAME of a "
      + "label that it has (mmtrain inspect lists them)"
  }
  var exitCode: ExitCode { .badData }
}

/// A model that looks at one thing alone.
struct OneModalityError: ReportableError {
  let path: String

  var description: String {
    "\(printable(path)) looks at one modality alone, so there is nothing that it could make of several; leave --fusion out"
  }
  var exitCode: ExitCode { .configuration }
}
