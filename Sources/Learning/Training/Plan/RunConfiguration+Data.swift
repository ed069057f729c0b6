internal import Batching
internal import Configuration
internal import Tasks

extension RunConfiguration {
  /// Checks what depends on the data set, before anything is computed: a split that is missed only at the first
  /// evaluation would be missed after an epoch.
  ///
  /// - Throws: `BatchingError` for a split that is not there although it is trained on or somebody named it, for an empty
  ///   one, and for a batch above its samples; `ConfigurationError` for a warm-up longer than the run.
  func check(_ dataSet: PreparedDataSet) throws {
    let samples = try samples(of: data.split, dataSet)
    let task = TaskCatalogue.task(task)
    // What the model sees of photos, its plan asks for.
    try dataSet.require(task.columns.without(.image), split: data.split)
    let isThere = dataSet.manifest.splits.contains { $0.name == evaluation.split }
    if isThere || isStated("evaluation.split") && evaluation.split != Self.noSplit {
      _ = try self.samples(of: evaluation.split, dataSet)
    }
    guard batch.global <= samples else {
      throw BatchingError.batchTooLarge(batch: batch.global, split: data.split, samples: samples)
    }
    try check(steps: steps(anEpoch: samples / batch.global))
  }

  private func samples(of split: String, _ dataSet: PreparedDataSet) throws -> Int {
    let splits = dataSet.manifest.splits
    guard let found = splits.first(where: { $0.name == split }) else {
      throw BatchingError.unknownSplit(path: dataSet.path, split: split, available: splits.map(\.name))
    }
    guard found.samples > 0 else { throw BatchingError.emptySplit(path: dataSet.path, split: split) }
    try dataSet.require(TaskCatalogue.task(task).columns.without(.image), split: split)
    return found.samples
  }

  /// Leaves evaluation out.
  private static let noSplit = "none"
}
