internal import Batching
public import Models
internal import Objectives
internal import Reporting

/// Samples that lack something of what is looked at.
extension ClassificationTask {
  /// The modality of a column that is looked at.
  static func modality(of column: Column) -> Modality {
    switch column {
    case .image: .image
    case .audio: .audio
    default: .text
    }
  }

  /// What to say where a model of three modalities is not given all; nil where it is, or reads two.
  func oneOfThree(on model: any ModelDescription) -> String? {
    let absent = Modality.allCases.filter { !modalities.contains($0) }
    guard model.inputs.clips != nil, !absent.isEmpty else { return nil }
    let used = modalities.map(\.rawValue).joined(separator: " and ")
    return
      "\(model.name) reads images, texts and clips, and this task gives it \(used) (task.inputs): its learned tokens stand for "
      + absent.map(\.rawValue).joined(separator: " and ")
  }

  /// What some samples lack, beside another that they may have; nil where each has all.
  func absent(
    in dataSet: PreparedDataSet, split: String, on model: any ModelDescription, _ tell: (String) -> Void
  ) throws -> [Modality]? {
    guard modalities.count > 1 || model.inputs.clips != nil else { return nil }
    let (counts, samples) = (try dataSet.columnCounts(split: split), try dataSet.samples(split: split).count)
    let scarce = inputs.filter { mayLack($0, model) }.compactMap { column in
      let have = counts.first { $0.column == column }?.samples ?? 0
      return have < samples ? (column: column, lacking: samples - have) : nil
    }
    for (column, lacking) in scarce {
      tell(
        "\(printable(column.name)): \(lacking) of \(samples) samples of \(printable(split)) have none; what is learnt for that stands "
          + "in its place")
    }
    // What is hidden from samples must have something in its place.
    if BalanceMethods.kind(balance.method).init(balance).hides { return modalities }
    let found = Modality.allCases.filter { modality in scarce.contains { Self.modality(of: $0.column) == modality } }
    return found.isEmpty ? nil : found
  }

  /// A model of three has tokens for all of them.
  public func replaceable(on model: any ModelDescription) -> [Modality] {
    model.inputs.clips == nil ? lacking : modalities
  }

  /// Beside a caption each sample has one, but of a model of three.
  private func mayLack(_ column: Column, _ model: any ModelDescription) -> Bool {
    column == .image || column == .audio || column == .captions && model.inputs.clips != nil
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
