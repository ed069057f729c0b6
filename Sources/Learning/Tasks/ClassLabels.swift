internal import Batching
internal import Reporting

/// The classes that the samples of a split have of one label.
struct ClassLabels {
  private let dataSet: PreparedDataSet
  private let split: String
  private let column: Column
  private let samples: [SampleReference]
  /// Of each sample, in the order of the split; none where nobody knows.
  let classes: [[String]]

  init(_ dataSet: PreparedDataSet, split: String, _ label: String) throws {
    (self.dataSet, self.split, column) = (dataSet, split, .labels(label))
    samples = try dataSet.samples(split: split)
    classes = try samples.map { try dataSet.columns([.labels(label)], of: $0).columns.labels[label] ?? [] }
  }

  /// Each class with its number of samples, by the bytes of its name.
  var counts: [(name: String, samples: Int)] {
    var counts: [String: Int] = [:]
    for names in classes { for name in Set(names) { counts[name, default: 0] += 1 } }
    return counts.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map { ($0.key, $0.value) }
  }

  /// - Throws: `TaskError.severalClasses` for a sample with more than one.
  func requireOneClassEach() throws {
    guard let sample = classes.firstIndex(where: { $0.count > 1 }) else { return }
    throw TaskError.severalClasses(
      path: dataSet.path, key: samples[sample].key, column: column.name, classes: classes[sample])
  }

  /// What is learnt, and what has no class.
  func sentence(isSeveral: Bool) -> String {
    let counts = counts
    let shown = counts.prefix(8).map { "\(printable($0.name, limit: 40)) \($0.samples)" }.joined(separator: ", ")
    let lacking = classes.count { $0.isEmpty }
    let none = isSeveral ? "are of no class" : "have no class and teach nothing"
    return "\(printable(column.name)): \(counts.count) classes in \(printable(split)): \(shown)"
      + (counts.count > 8 ? " and \(counts.count - 8) more" : "")
      + (lacking > 0 ? "; \(lacking) of \(classes.count) samples \(none)" : "")
  }
}
