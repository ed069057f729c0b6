internal import Batching
internal import Reporting

/// What the fewest samples of a split have of all that is looked at.
struct ScarceInput {
  let column: Column
  /// By their places in the split.
  let having: [Int]
  let others: [Int]

  func sentence(split: String) -> String {
    "\(printable(column.name)): the \(having.count) samples of \(printable(split)) that have it are drawn as often as the \(others.count) that have none"
  }
}

extension ClassificationTask {
  /// - Throws: `TaskError.nothingScarce` where each sample has all.
  func scarceInput(of dataSet: PreparedDataSet, split: String) throws -> ScarceInput {
    let samples = try dataSet.samples(split: split)
    let found = try inputs.map { column in
      let has = try samples.map { try dataSet.has(column, $0) }
      return ScarceInput(
        column: column, having: has.indices.filter { has[$0] }, others: has.indices.filter { !has[$0] })
    }
    guard let scarce = found.min(by: { $0.having.count < $1.having.count }), !scarce.others.isEmpty,
      !scarce.having.isEmpty
    else { throw TaskError.nothingScarce(path: dataSet.path, split: split, inputs: inputs.map(\.name)) }
    return scarce
  }
}

extension PreparedDataSet {
  fileprivate func has(_ column: Column, _ sample: SampleReference) throws -> Bool {
    switch column {
    case .image: return sample.hasPhoto
    case .audio: return try withClip(sample) { _, _ in } != nil
    case .text(let name): return try columns([column], of: sample).columns.texts[name] != nil
    default: return try !captions(sample).isEmpty
    }
  }
}
