import Batching
import Images
import Reporting
import Testing

/// Samples without a photo in batches of photos.
@Suite struct AbsentPhotoTests {
  /// Of every three one has no photo.
  private static func write(_ path: String) throws -> PreparedDataSet {
    let writer = try PreparedDataSetWriter(directory: path, description: .init(name: "scarce"))
    for number in 0..<12 {
      let record = SampleRecord(
        key: "k\(100 + number)", fileName: "\(100 + number)", split: "train", captions: ["caption \(number)"])
      if number % 3 == 0 {
        try writer.add(clip: nil, record: record)
      } else {
        try writer.add(image: syntheticJPEG(number), width: 24, height: 18, record: record)
      }
    }
    try writer.finish()
    return try PreparedDataSet(path: path)
  }

  @Test func aBatchSaysWhoHasOne() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      try set.verify()
      #expect(set.manifest.version == 3)
      var settings = LoaderSettings(
        columns: [.image, .captions], photosMayBeAbsent: true, contextLength: 12, shuffle: false, globalBatch: 6)
      let loader = try BatchLoader(
        dataSet: set, tokenizer: ByteTokenizer(), preprocessing: .clip(imageSize: 8), settings: settings)
      for _ in 0..<3 {
        let columns = try loader.next().columns
        #expect(columns.photos == [false, true, true, false, true, true])
        let pixels = try #require(columns.pixels).array()
        let size = pixels.count / 6
        for place in [0, 3] { #expect(pixels[place * size..<(place + 1) * size].allSatisfy { $0 == 0 }) }
        #expect(pixels[size..<2 * size].contains { $0 != 0 })
      }
      settings.columns = [.captions]
      let unseen = try BatchLoader(
        dataSet: set, tokenizer: ByteTokenizer(), preprocessing: .clip(imageSize: 8), settings: settings)
      #expect(try unseen.next().columns.photos == [false, true, true, false, true, true], "also where nobody looks")
      let chunks = try EvaluationLoader(
        dataSet: set, split: "train", photosMayBeAbsent: true, tokenizer: ByteTokenizer(), contextLength: 12,
        preprocessing: .clip(imageSize: 8), chunk: 12)
      #expect(try chunks.next()?.columns.photos?.count { $0 } == 8)
    }
  }

  @Test func whereEachMustHaveOneItIsRefused() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let loader = try EvaluationLoader(
        dataSet: set, split: "train", tokenizer: ByteTokenizer(), contextLength: 12,
        preprocessing: .clip(imageSize: 8), chunk: 12)
      let error = #expect(throws: BatchingError.self) { try loader.next() }
      #expect(error?.description.contains("nothing in the column image") == true && error?.exitCode == .badData)
    }
  }
}
