internal import Batching
internal import Reporting

/// The boxes of a split with their phrases.
struct NamedBoxes {
  private let split: String
  private let photos: Int
  private let count: Int

  /// - Throws: `TaskError.emptyBox` for one that nothing can be in, or that nothing names.
  init(_ dataSet: PreparedDataSet, split: String) throws {
    self.split = split
    var (photos, count) = (0, 0)
    for sample in try dataSet.samples(split: split) {
      let boxes = try dataSet.columns([.boxes], of: sample).columns.boxes
      photos += boxes.isEmpty ? 0 : 1
      count += boxes.count
      for box in boxes where !(box.width > 0 && box.height > 0) || box.phrase.allSatisfy(\.isWhitespace) {
        throw TaskError.emptyBox(path: dataSet.path, key: sample.key, phrase: box.phrase)
      }
    }
    (self.photos, self.count) = (photos, count)
  }

  var sentence: String {
    "\(count) phrases with boxes in \(photos) photos of \(printable(split)), of a photo one a step"
  }
}
