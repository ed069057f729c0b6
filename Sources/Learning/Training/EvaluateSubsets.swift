internal import Batching
internal import Evaluation
internal import Models
internal import Reporting
internal import Tasks

/// What a model tells from each subset of what it reads.
struct SubsetMeasurement {
  let subject: MeasuredModel
  let task: any Task
  let dataSet: PreparedDataSet
  let split: String
  let output: ProgressOutput

  /// Nil where its task tells no classes. Collective.
  /// - Throws: `NoSubsetsError` for a model that has nothing for what is left out.
  func callAsFunction(path: String) throws -> SubsetMetrics? {
    let replaceable = task.replaceable(on: subject.model.description)
    let subsets = Self.subsets(of: task.modalities) { replaceable.contains($0) }
    guard subsets.count > 1 else { throw NoSubsetsError(path: path, modalities: task.modalities.count) }
    let progress = ProgressReporter(title: "leaving out", unit: "sample", total: nil, output: output)
    var rows: [(modalities: [String], judged: JudgedSplit)] = []
    var clusters: [Int] = []
    for (number, subset) in subsets.enumerated() {
      var asked = subject
      asked.without = task.modalities.filter { !subset.contains($0) }
      let judged = try task.judge(asked, on: dataSet, split: split) { done, total in
        progress.update(completed: number * total + done, of: subsets.count * total)
      }
      guard let judged else { return nil }
      rows.append((subset.map(\.rawValue), judged.judged))
      clusters = judged.clusters
    }
    progress.finish()
    return try SubsetMetrics(rows, clusters: clusters, remarks: remarks(), hasIntervals: true)
  }

  /// All that are not empty, those of the most first, in the order of `Modality.allCases`.
  static func subsets(of modalities: [Modality], replaceable: (Modality) -> Bool) -> [[Modality]] {
    let all = (1..<(1 << modalities.count)).map { bits in
      modalities.enumerated().filter { bits & 1 << $0.offset != 0 }.map(\.element)
    }
    let possible = all.filter { subset in modalities.allSatisfy { subset.contains($0) || replaceable($0) } }
    return possible.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.map(\.element)
  }

  /// How many samples have what, and what was never left out in training.
  private func remarks() throws -> [String] {
    let samples = try dataSet.samples(split: split).count
    let counts = try dataSet.columnCounts(split: split)
    let lacking = task.columns.columns.compactMap { column -> String? in
      guard let have = counts.first(where: { $0.column == column })?.samples, have < samples else { return nil }
      return "\(have) of \(samples) samples have \(printable(column.name))"
    }
    let unlearnt = task.modalities.filter { !task.lacking.contains($0) }.map(\.rawValue)
    let note =
      "no sample of the training lacked \(unlearnt.joined(separator: ", ")): what stands in its place is as it was drawn"
    return lacking + (unlearnt.isEmpty ? [] : [note])
  }
}

/// A model that must have all that it reads.
struct NoSubsetsError: ReportableError {
  let path: String
  let modalities: Int

  var description: String {
    modalities < 2
      ? "\(printable(path)) looks at one modality alone, which cannot be left out; leave --subsets out"
      : "\(printable(path)) was trained on samples that have all that it reads, and has learnt nothing for what is left out; leave --subsets "
        + "out, or train it on a set in which some samples lack something (prepare --drop)"
  }
  var exitCode: ExitCode { .configuration }
}
