import Batching
import Images
import Privacy
import TestSupport
import Testing

@Suite struct PrivateUnitsTests {
  private let photos: [(shade: UInt8, group: String?)] = [
    (1, "p1"), (2, "p2"), (3, "p1"), (2, nil), (4, nil), (2, nil), (4, "p2"),
  ]

  /// Five captions of one photo are one exposure, and so are two samples with the bytes of one photo.
  @Test func samplesWithEqualPhotosAreOneUnit() throws {
    let units = try PrivateUnits(try dataSet(photos), split: "train", unit: .image)
    #expect(units.members == [[0], [1, 3, 5], [2], [4, 6]])
    #expect(units.count == 4 && units.largest == 3 && units.ungrouped == 0)
  }

  @Test func samplesOfAPatientAreOneUnit() throws {
    let units = try PrivateUnits(try dataSet(photos), split: "train", unit: .group)
    #expect(units.members == [[0, 2], [1, 6], [3, 5], [4]])
    #expect(units.count == 4 && units.ungrouped == 3)
  }

  @Test func unitsThatTheDataLackAreRefused() throws {
    let dataSet = try dataSet(photos.map { ($0.shade, nil) })
    let error = try #require(throws: BatchingError.self) {
      try PrivateUnits(dataSet, split: "train", unit: .group)
    }
    #expect("\(error)".contains("group"), "\(error)")
    #expect(throws: BatchingError.self) { try PrivateUnits(dataSet, split: "tarin", unit: .image) }
  }

  private func dataSet(_ photos: [(shade: UInt8, group: String?)]) throws -> PreparedDataSet {
    let place = try TemporaryDirectory()
    let writer = try PreparedDataSetWriter(directory: place("set"), description: DataSetDescription(name: "units"))
    for (number, photo) in photos.enumerated() {
      var columns = SampleColumns()
      columns.group = photo.group
      let record = SampleRecord(
        key: "k\(number)", fileName: "f\(number).jpg", split: "train", captions: ["a"], columns: columns)
      let picture = Image(width: 2, height: 2, pixels: [UInt8](repeating: photo.shade, count: 12))
      try writer.add(image: storedPNG(picture), width: 2, height: 2, record: record)
    }
    try writer.finish()
    return try PreparedDataSet(path: place("set"))
  }
}
