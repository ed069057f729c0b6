import Batching
import Files
import Foundation
import Images
import TestSupport
import Testing

/// What other programs find in shards.
@Suite struct ShardMemberTests {
  /// A file of each format, bytes as they came, named by what they are.
  private func photos() throws -> [(name: String, bytes: [UInt8])] {
    struct Pictures: Decodable {
      struct Picture: Decodable { let name: String, file: Data }
      let webp: [Picture]
    }
    let golden = try JSONDecoder().decode(Pictures.self, from: Data(readFile(goldenDirectory + "/pictures.json")))
    let picture = Image(width: 24, height: 18, pixels: (0..<24 * 18 * 3).map { UInt8(truncatingIfNeeded: $0) })
    return [
      ("a.png", try encodeJPEG(picture, quality: 90)), ("b.jpg", storedPNG(picture)),
      ("c.JPEG", Array(try #require(golden.webp.first { $0.name == "lossy" }).file)),
    ]
  }

  private func write(_ path: String, captions: [String], shardBytes: Int = 1 << 20) throws {
    let writer = try PreparedDataSetWriter(
      directory: path, description: DataSetDescription(name: "mixed"), shardBytes: shardBytes)
    for (name, bytes) in try photos() {
      let size = try bytes.withUnsafeBytes { try readPictureHeader($0).orientedSize }
      let record = SampleRecord(key: String(name.prefix(1)), fileName: name, split: "train", captions: captions)
      try writer.add(image: bytes, width: size.width, height: size.height, record: record)
    }
    try writer.finish()
  }

  /// Members by name, as tar lists them.
  private func members(_ shard: String) throws -> [String] {
    let result = try run("/usr/bin/env", ["tar", "tf", shard])
    return result.output.split(separator: "\n").map(String.init)
  }

  private func member(_ name: String, of shard: String) throws -> [UInt8] {
    let directory = try TemporaryDirectory()
    let result = try run("/usr/bin/env", ["tar", "xf", shard, "-C", directory.path, name])
    #expect(result.status == 0)
    return try readFile(directory(name))
  }

  @Test func aSamplesMembersStandTogether() throws {
    try withTemporaryDirectory { root in
      try write(root + "/set", captions: ["Zwei Hunde — \"bellend\"", "a second caption"])
      let shard = root + "/set/shards/train-000000.tar"
      #expect(
        try members(shard) == [
          "a.jpg", "a.json", "a.txt", "b.png", "b.json", "b.txt", "c.webp", "c.json", "c.txt",
        ])
      #expect(try member("b.txt", of: shard) == Array("Zwei Hunde — \"bellend\"".utf8), "no line feed is added")
      for (file, name) in zip(try photos(), ["a.jpg", "b.png", "c.webp"]) {
        #expect(try member(name, of: shard) == file.bytes)
      }
      let set = try PreparedDataSet(path: root + "/set")
      try set.verify()
      for (sample, file) in zip(try set.samples(split: "train"), try photos()) {
        #expect(set.withImageBytes(sample) { Array($0) } == file.bytes)
        #expect(try set.captions(sample).count == 2)
      }
    }
  }

  @Test func withoutCaptionsThereIsNoText() throws {
    try withTemporaryDirectory { root in
      try write(root + "/set", captions: [])
      #expect(
        try members(root + "/set/shards/train-000000.tar") == [
          "a.jpg", "a.json", "b.png", "b.json", "c.webp", "c.json",
        ])
    }
  }

  /// A shard is closed behind a whole sample, its caption included.
  @Test func aShardEndsBehindASample() throws {
    try withTemporaryDirectory { root in
      try write(root + "/set", captions: ["x"], shardBytes: 1)
      #expect(try members(root + "/set/shards/train-000001.tar") == ["b.png", "b.json", "b.txt"])
      try PreparedDataSet(path: root + "/set").verify()
    }
  }

  /// All three become batches, exactly as their pixels are, whatever is said about decoding.
  @Test func everyFormatBecomesABatch() throws {
    try withTemporaryDirectory { root in
      try write(root + "/set", captions: ["x"])
      let settings = BatchLoaderTests.settings(batch: 3, shuffle: false, augmentation: .none)
      let batch = try BatchLoaderTests.loader(try PreparedDataSet(path: root + "/set"), settings).next()
      for (i, photo) in try photos().enumerated() {
        var expected = [Float](repeating: 0, count: 192)
        let image = try decodePicture(photo.bytes)
        expected.withUnsafeMutableBufferPointer { BatchLoaderTests.preprocessing.evaluation(image, into: $0) }
        let pixels = try #require(batch.columns.pixels).array()
        #expect(Array(pixels[i * 192..<(i + 1) * 192]) == expected)
      }
    }
  }

  @Test func theWriterTakesNothingElse() throws {
    try withTemporaryDirectory { root in
      let writer = try PreparedDataSetWriter(directory: root + "/set", description: .init(name: "x"))
      let error = #expect(throws: BatchingError.self) {
        let record = SampleRecord(key: "a", fileName: "a.jpg", split: "train", captions: [])
        try writer.add(image: Array("GIF89a....".utf8), width: 1, height: 1, record: record)
      }
      #expect(error?.description.contains("a GIF picture") == true)
    }
  }

  /// A set of the time when shards held no `KEY.txt` and photos were JPEG.
  @Test func setsWithoutTextsAreRead() throws {
    let set = try PreparedDataSet(path: goldenDirectory + "/prepared-without-txt")
    try set.verify()
    let samples = try set.samples(split: "train")
    #expect(samples.map(\.key) == ["photo-100000", "photo-100001"])
    #expect(try samples.map { try set.captions($0) } == [["Caption of 0", "another"], ["Caption of 1", "another"]])
    for sample in samples {
      let image = try set.withImageBytes(sample) { try decodePicture($0) }
      #expect(image.width == 24 && image.height == 18)
    }
    #expect(try members(goldenDirectory + "/prepared-without-txt/shards/train-000000.tar").count == 4)
  }

  /// A photo that preparation let in under a higher limit is let in by whoever reads the set.
  @Test func theIndexSaysHowLargeAPhotoMayBe() throws {
    func limit(_ width: Int, _ height: Int) -> Int {
      SampleReference(
        key: "a", shard: 0, imageOffset: 0, imageBytes: 1, recordOffset: 0, recordBytes: 1, width: width,
        height: height,
        imageIdentity: 0
      ).limits.maximumPixels
    }
    #expect(limit(9000, 7000) == 63_000_000)
    #expect(limit(100, 100) == PictureLimits().maximumPixels)
  }
}
