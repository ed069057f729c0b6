import Batching
import Files
import Images
import Reporting
import Testing

/// Samples that are videos.
@Suite struct FrameBatchTests {
  /// Six samples of 1 to 6 frames, of which those of the last are all the same picture.
  private static func write(_ path: String, equalFirst: Bool = false) throws -> PreparedDataSet {
    let writer = try PreparedDataSetWriter(directory: path, description: .init(name: "videos"))
    for number in 0..<6 {
      let record = SampleRecord(
        key: "k\(number)", fileName: "\(number)", split: "train", captions: ["caption \(number)"])
      let frames = try (0..<number).map { frame in
        PreparedFrame(
          file: try syntheticJPEG(number == 5 ? 5 : 100 * number + frame + 1), width: 24, height: 18)
      }
      let first = try syntheticJPEG(equalFirst ? 0 : number == 5 ? 5 : 100 * number)
      try writer.add(image: first, width: 24, height: 18, record: record, frames: frames)
    }
    try writer.finish()
    return try PreparedDataSet(path: path)
  }

  private static let preprocessing = Preprocessing.clip(imageSize: 8)
  private static let size = 3 * 8 * 8

  private func loader(
    _ set: PreparedDataSet, frames: Int?, augmentation: Augmentation = .none, rank: Int = 0, ranks: Int = 1
  ) throws -> BatchLoader {
    let settings = LoaderSettings(
      frames: frames, contextLength: 12, augmentation: augmentation, shuffle: false, globalBatch: 6, rank: rank,
      ranks: ranks)
    return try BatchLoader(
      dataSet: set, tokenizer: ByteTokenizer(), preprocessing: Self.preprocessing, settings: settings)
  }

  @Test func whatIsWrittenIsRead() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      #expect(set.manifest.version == 4)
      try set.verify()
      let counts = try set.columnCounts(split: "train")
      #expect(counts.first == ColumnCount(column: .image, samples: 6, values: 21))
      let samples = try set.samples(split: "train")
      #expect(try samples.map { try set.frames(of: $0).count } == [0, 1, 2, 3, 4, 5])
      var found: [[UInt8]] = []
      let seen = try set.withFrames(of: samples[3], limit: 1024) { place, bytes, _ in
        #expect(place == found.count)
        found.append(Array(bytes))
      }
      #expect(try seen == 4 && found == (0..<4).map { try syntheticJPEG(300 + $0) })
      #expect(try set.frameCounts(split: "train", limit: 4) == (all: 6, longer: 2))
    }
  }

  @Test func aSetOfPhotosIsAsBefore() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3)
      let set = try PreparedDataSet(path: root + "/set")
      #expect(try set.manifest.version == 2 && !set.hasFrames(split: "train"))
    }
  }

  /// Videos that begin alike are different ones, and those of equal frames are the same.
  @Test func whatIsEqual() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set", equalFirst: true)
      #expect(Set(try set.samples(split: "train").map(\.imageIdentity)).count == 6)
      let again = try Self.write(root + "/again", equalFirst: true)
      #expect(set.fingerprint == again.fingerprint)
    }
  }

  @Test func batchesHaveAsManyFramesAsThereAre() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let columns = try loader(set, frames: 4).next().columns
      #expect(columns.frames == [1, 2, 3, 4, 4, 4])
      let pixels = try #require(columns.pixels).array()
      for (sample, frame, picture) in [(1, 1, 101), (3, 2, 302), (4, 1, 401), (4, 3, 404)] {
        var expected = [Float](repeating: 0, count: Self.size)
        let image = try decodePicture(syntheticJPEG(picture))
        expected.withUnsafeMutableBufferPointer { Self.preprocessing.evaluation(image, into: $0) }
        let start = (sample * 4 + frame) * Self.size
        #expect(Array(pixels[start..<start + Self.size]) == expected, "frame \(frame) of sample \(sample)")
      }
      let first = try loader(set, frames: 4, rank: 0, ranks: 2).next().columns.frames
      let second = try loader(set, frames: 4, rank: 1, ranks: 2).next().columns.frames
      #expect(first == [1, 2, 3] && second == [4, 4, 4])
      let chunks = try EvaluationLoader(
        dataSet: set, split: "train", frames: 3, tokenizer: ByteTokenizer(), contextLength: 12,
        preprocessing: Self.preprocessing, chunk: 4)
      #expect(try chunks.next()?.columns.frames == [1, 2, 3, 3])
    }
  }

  @Test func evenlyBetweenFirstAndLast() {
    #expect(chosenFrames(of: 3, limit: 8) == [0, 1, 2])
    #expect(chosenFrames(of: 9, limit: 3) == [0, 4, 8])
    #expect(chosenFrames(of: 12, limit: 8) == [0, 1, 3, 4, 6, 7, 9, 11])
    #expect(chosenFrames(of: 5, limit: 1) == [0])
  }

  /// Equal frames stay equal, whatever is cut out, mirrored and coloured.
  @Test func framesAreChangedAlike() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let changed = try loader(set, frames: 6, augmentation: .standard)
      var looks: Set<[Float]> = []
      for _ in 0..<4 {
        let pixels = try #require(try changed.next().columns.pixels).array()
        let frames = (30..<36).map { Array(pixels[$0 * Self.size..<($0 + 1) * Self.size]) }
        #expect(Set(frames).count == 1)
        looks.insert(frames[0])
      }
      #expect(looks.count > 1, "another epoch cuts out something else")
    }
  }

  @Test func modelsOfPhotosRefuseVideos() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let error = #expect(throws: BatchingError.self) { _ = try loader(set, frames: nil) }
      #expect(error?.exitCode == .configuration && error?.description.contains("model.frames.pooling") == true)
      #expect(throws: BatchingError.self) { try SplitPhotos(set, split: nil).requirePhotos() }
      var settings = LoaderSettings(contextLength: 12, globalBatch: 6)
      settings.columns = [.captions]
      _ = try BatchLoader(
        dataSet: set, tokenizer: ByteTokenizer(), preprocessing: Self.preprocessing, settings: settings)
    }
  }
}
