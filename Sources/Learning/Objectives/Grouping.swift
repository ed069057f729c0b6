public import Batching

/// What groups of samples are made by: the column `group`, a label, or several of them together, as a class and a background
/// make "landbird, water".
public struct Grouping: Equatable, Sendable {
  public let columns: [Column]

  /// Nil for what makes no groups: another column, none at all, or one twice.
  public init?(_ names: [String]) {
    let found = names.compactMap { Column($0) }.filter(\.makesGroups)
    guard !found.isEmpty, found.count == names.count, Set(found).count == found.count else { return nil }
    columns = found
  }

  /// Of a command line: one, or several behind each other with commas between them. A column whose name has a comma is taken as it is.
  public init?(list: String) {
    guard let grouping = Grouping(list.split(separator: ",").map(String.init)) ?? Grouping([list]) else { return nil }
    self = grouping
  }

  /// As it was given.
  public var name: String { columns.map(\.name).joined(separator: ",") }

  /// The name of a sample's group; nil where it lacks one of the columns.
  public func group(of sample: SampleColumns) -> String? {
    group { column in
      if case .labels(let name) = column { sample.labels[name]?.first } else { sample.group }
    }
  }

  /// Of each sample of a batch.
  func groups(of batch: BatchColumns) -> [String?] {
    let values = columns.map { column -> [String?] in
      if case .labels(let name) = column { batch.labels[name]?.map(\.first) ?? [] } else { batch.groups ?? [] }
    }
    return (values.first ?? []).indices.map { sample in
      group { column in columns.firstIndex(of: column).flatMap { values[$0][sample] } }
    }
  }

  private func group(_ value: (Column) -> String?) -> String? {
    let values = columns.compactMap(value)
    return values.count == columns.count ? values.joined(separator: ", ") : nil
  }
}

extension Column {
  fileprivate var makesGroups: Bool {
    switch self {
    case .group, .labels: true
    default: false
    }
  }
}
