internal import Audio
internal import Batching
internal import Reporting

extension PreparedDataSet {
  /// Says of how many clips a part is not heard; nil where all of each is.
  func remark(onClipsOf split: String, heardBy preparation: AudioPreprocessing) throws -> String? {
    let seconds = preparation.maximumSeconds
    let counts = try clipCounts(split: split, longerThan: seconds)
    guard counts.longer > 0 else { return nil }
    return
      "\(counts.longer) of \(counts.all) clips of \(printable(split)) are longer than the \((seconds * 100).rounded() / 100) s that are heard of one "
      + "(model.audio.frames): of them the beginning is, or in training any part where data.augmentation is standard"
  }
}
