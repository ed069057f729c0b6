internal import Batching
internal import Models
internal import Reporting

/// Samples that lack something of what is looked at.
extension ClassificationTask {
  /// The modality of a column that is looked at.
  static func modality(of column: Column) -> Modality { column == .image ? .image : .text }

  /// What some samples lack, beside another that they may have; nil where each has all.
  func absent(in dataSet: PreparedDataSet, split: String, _ tell: (String) -> Void) throws -> [Modality]? {
    guard modalities.count > 1 else { return nil }
    let (counts, samples) = (try dataSet.columnCounts(split: split), try dataSet.samples(split: split).count)
    let scarce = inputs.filter { $0 == .image }.compactMap { column in
      let have = counts.first { $0.column == column }?.samples ?? 0
      return have < samples ? (column: column, lacking: samples - have) : nil
    }
    for (column, lacking) in scarce {
      tell(
        "\(printable(column.name)): \(lacking) of \(samples) samples of \(printable(split)) have none; what is learnt for that stands "
          + "in its place")
    }
    let found = Modality.allCases.filter { modality in scarce.contains { Self.modality(of: $0.column) == modality } }
    return found.isEmpty ? nil : found
  }

  /// Refuses a split whose samples lack what stood before each that was trained on.
  func requireInputs(of dataSet: PreparedDataSet, split: String) throws {
    let lacking = lacking
    let wanted = columns.columns.filter { !inputs.contains($0) || !lacking.contains(Self.modality(of: $0)) }
    try dataSet.require(ColumnSet(wanted), split: split)
    guard !inputs.isEmpty, lacking.count == modalities.count else { return }
    // Each may be missing, but not all of all.
    let counts = try dataSet.columnCounts(split: split)
    guard !inputs.contains(where: { column in counts.contains { $0.column == column } }) else { return }
    try dataSet.require(ColumnSet(inputs), split: split)
  }
}

extension PreparedDataSet {
  /// - Parameter what: needs a photo of each sample.
  func requirePhotos(split: String, for what: String) throws {
    let samples = try samples(split: split)
    let lacking = samples.count { !$0.hasPhoto }
    guard lacking > 0 else { return }
    throw TaskError.absentPhotos(path: path, split: split, lacking: lacking, of: samples.count, what: what)
  }
}
