internal import Batching
internal import Reporting

extension PreparedDataSet {
  /// Says of how many videos not all frames are looked at; nil where all of each are.
  func remark(onFramesOf split: String, limit: Int) throws -> String? {
    let counts = try frameCounts(split: split, limit: limit)
    guard counts.longer > 0 else { return nil }
    return
      "\(counts.longer) of \(counts.all) videos of \(printable(split)) have more than \(limit) frames (model.frames.limit): of each "
      + "the first, the last and those evenly between are looked at, \(limit) in all"
  }
}
