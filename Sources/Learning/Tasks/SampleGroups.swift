package import Batching
package import Objectives
public import Reporting

/// Which group each sample of a split is of.
package struct SampleGroups {
  package let grouping: Grouping
  /// In the order of the split; nil for one of none.
  package let names: [String?]
  private let path: String
  private let split: String

  /// - Throws: `GroupError` where no sample has what groups are made by, or one is of several.
  package init(_ dataSet: PreparedDataSet, split: String, _ grouping: Grouping) throws {
    (self.grouping, self.split, path) = (grouping, split, dataSet.path)
    let counts = try dataSet.columnCounts(split: split)
    for column in grouping.columns where !counts.contains(where: { $0.column == column && $0.samples > 0 }) {
      throw GroupError.noColumn(path: path, split: split, by: column.name)
    }
    let wanted = ColumnSet(grouping.columns)
    names = try dataSet.samples(split: split).map { sample in
      let columns = try dataSet.columns(wanted, of: sample).columns
      for case .labels(let label) in grouping.columns {
        let values = columns.labels[label] ?? []
        guard values.count < 2 else {
          throw GroupError.several(path: dataSet.path, key: sample.key, by: "label:" + label, values: values)
        }
      }
      return grouping.group(of: columns)
    }
    guard names.contains(where: { $0 != nil }) else {
      throw GroupError.noColumn(path: path, split: split, by: grouping.name)
    }
  }

  // MARK: Training

  /// Each group's samples by their places in the split, those that teach something, in the order of the names' bytes.
  /// - Parameter teaches: of each sample; nil where all do.
  /// - Throws: `GroupError.oneGroup` where there is nothing to balance.
  package func members(teaching teaches: [Bool]?) throws -> [(name: String, samples: [Int])] {
    var members: [String: [Int]] = [:]
    for (sample, name) in names.enumerated() where teaches?[sample] ?? true {
      if let name { members[name, default: []].append(sample) }
    }
    guard members.count > 1 else {
      throw GroupError.oneGroup(path: path, split: split, by: grouping.name, name: members.keys.first)
    }
    return members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
  }

  /// Which groups there are, and what becomes of samples of none.
  package func sentence(_ members: [(name: String, samples: [Int])], teaching teaches: [Bool]?) -> String {
    let shown = members.prefix(8).map { "\(printable($0.name, limit: 40)) \($0.samples.count)" }
    let lacking = names.indices.count { names[$0] == nil && teaches?[$0] ?? true }
    return
      "\(printable(grouping.name)): \(members.count) groups in \(printable(split)): \(shown.joined(separator: ", "))"
      + (members.count > 8 ? " and \(members.count - 8) more" : "")
      + (lacking > 0
        ? "; \(lacking) samples are of no group and teach nothing (a group of their own would keep them)"
        : "")
  }
}

/// Groups that there are not.
public enum GroupError: ReportableError {
  /// No sample of a split has what groups are to be made by.
  case noColumn(path: String, split: String, by: String)
  /// A sample that would be of several groups.
  case several(path: String, key: String, by: String, values: [String])
  /// There is nothing to balance.
  case oneGroup(path: String, split: String, by: String, name: String?)

  public var description: String {
    switch self {
    case .noColumn(let path, let split, let by):
      "the split \(printable(split)) of \(printable(path)) has no \(printable(by)) to group by; group by the column group, or by "
        + "label:NAME of a label that it has (mmtrain inspect lists them)"
    case .several(let path, let key, let by, let values):
      "\(printable(path)): the sample \(printable(key)) has several classes of \(printable(by)), "
        + values.prefix(5).map { printable($0, limit: 40) }.joined(separator: ", ")
        + ", so it would be of several groups; group by a column of which each sample has one value"
    case .oneGroup(let path, let split, let by, let name):
      "\(printable(path)): "
        + (name.map { "all samples of \(printable(split)) that teach something are of one group, \(printable($0))" }
          ?? "no sample of \(printable(split)) that teaches something is of a group")
        + ", so there is nothing to balance; group by another column than \(printable(by)), or set objective.group to none"
    }
  }

  public var exitCode: ExitCode { .badData }
}
