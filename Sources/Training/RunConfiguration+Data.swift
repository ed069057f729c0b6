internal import Batching

extension RunConfiguration {
  /// Checks what depends on the data set, before anything is computed: a split that is missed only at the first
  /// evaluation would be missed after an epoch.
  ///
  /// - Throws: `BatchingError` for an evaluation split that somebody named and that is not there, or for an empty one.
  func check(_ dataSet: PreparedDataSet) throws {
    let splits = dataSet.manifest.splits
    if let found = splits.first(where: { $0.name == evaluation.split }) {
      guard found.samples > 0 else { throw BatchingError.emptySplit(path: dataSet.path, split: found.name) }
    } else if isStated("evaluation.split"), evaluation.split != Self.noSplit {
      throw BatchingError.unknownSplit(
        path: dataSet.path, split: evaluation.split, available: splits.map(\.name))
    }
  }

  /// Leaves evaluation out.
  private static let noSplit = "none"
}
