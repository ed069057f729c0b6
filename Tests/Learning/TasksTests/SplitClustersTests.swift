import Batching
import Evaluation
import Images
import Tasks
import TestSupport
import Testing

@Suite struct SplitClustersTests {
  /// Photos of a group go together, whatever they show; of those without one, photos with equal bytes.
  @Test func photosOfAGroupGoTogether() throws {
    let photos: [(shade: UInt8, group: String?)] = [
      (1, "p1"), (2, "p2"), (3, "p1"), (2, nil), (4, nil), (2, nil), (4, "p2"),
    ]
    let grouped = try clusters(photos)
    #expect(grouped == ImageClusters([0, 1, 0, 2, 3, 2, 1]))
    let alone = try clusters(photos.map { ($0.shade, nil) })
    #expect(alone == ImageClusters([0, 1, 2, 1, 3, 1, 3]))
    #expect(grouped != alone)
  }

  private func clusters(_ photos: [(shade: UInt8, group: String?)]) throws -> ImageClusters {
    let place = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(directory: place("set"), description: DataSetDescription(name: "groups"))
    for (number, photo) in photos.enumerated() {
      var columns = SampleColumns()
      columns.group = photo.group
      let record = SampleRecord(
        key: "k\(number)", fileName: "f\(number).jpg", split: "test", captions: ["a"], columns: columns)
      let picture = Image(width: 2, height: 2, pixels: [UInt8](repeating: photo.shade, count: 12))
      try writer.add(image: storedPNG(picture), width: 2, height: 2, record: record)
    }
    try writer.finish()
    return try PreparedDataSet(path: place("set")).clusters(ofSplit: "test")
  }
}
