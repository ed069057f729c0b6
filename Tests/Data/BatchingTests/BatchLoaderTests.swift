import Batching
import Files
import Images
import Reporting
import Testing
import Tokenization

extension TextBatch {
  /// The ids of each text.
  var texts: [[Int32]] { (0..<count).map { Array(ids[Int(offsets[$0])..<Int(offsets[$0 + 1])]) } }
}

/// All that a batch of photos with captions says, comparable.
struct BatchContent: Equatable {
  var position: LoaderPosition
  var pixels: [Float]
  var tokenIds: [[Int32]]
  var keys: [String]
  var captions: [UInt64]

  init(_ batch: Batch) {
    position = batch.position
    pixels = batch.columns.pixels?.array() ?? []
    tokenIds = batch.columns.captions?.texts ?? []
    keys = batch.keys
    captions = batch.columns.captions?.identities ?? []
  }
}

@Suite struct BatchLoaderTests {
  static let preprocessing = Preprocessing.clip(imageSize: 8)

  static func settings(
    batch: Int = 5, rank: Int = 0, ranks: Int = 1, workers: Int = 2, choice: ValueChoice = .random,
    shuffle: Bool = true, augmentation: Augmentation = .standard, prefetch: Int = 2
  ) -> LoaderSettings {
    LoaderSettings(
      contextLength: 77, augmentation: augmentation, choice: choice, shuffle: shuffle, globalBatch: batch,
      rank: rank, ranks: ranks, seed: 4, workers: workers, prefetch: prefetch)
  }

  static func loader(
    _ set: PreparedDataSet, _ settings: LoaderSettings, from position: LoaderPosition = .init()
  ) throws -> BatchLoader {
    try BatchLoader(
      dataSet: set, tokenizer: ByteTokenizer(), preprocessing: preprocessing, settings: settings, position: position)
  }

  static func contents(_ loader: BatchLoader, _ count: Int) throws -> [BatchContent] {
    try (0..<count).map { _ in BatchContent(try loader.next()) }
  }

  @Test func anEpochHasEveryPhotoOnce() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 23)
      let loader = try Self.loader(try PreparedDataSet(path: root + "/set"), Self.settings())
      #expect(loader.batchesPerEpoch == 4)
      let batches = try Self.contents(loader, 8)
      #expect(batches.map(\.position.batch) == [0, 1, 2, 3, 0, 1, 2, 3])
      #expect(batches.map(\.position.epoch) == [0, 0, 0, 0, 1, 1, 1, 1])
      #expect(loader.position == LoaderPosition(epoch: 2, batch: 0))
      #expect(Set(batches[..<4].flatMap(\.keys)).count == 20)
      #expect(batches[..<4].flatMap(\.keys) != batches[4...].flatMap(\.keys))
    }
  }

  @Test func workersChangeNothing() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 17)
      let set = try PreparedDataSet(path: root + "/set")
      let expected = try Self.contents(try Self.loader(set, Self.settings(workers: 0)), 9)
      for (workers, prefetch) in [(1, 1), (1, 4), (4, 1), (7, 3)] {
        let settings = Self.settings(workers: workers, prefetch: prefetch)
        #expect(try Self.contents(try Self.loader(set, settings), 9) == expected)
      }
    }
  }

  @Test func goesOnWhereItStopped() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 17)
      let set = try PreparedDataSet(path: root + "/set")
      let all = try Self.contents(try Self.loader(set, Self.settings()), 10)
      for start in [1, 3, 7] {
        let position = LoaderPosition(epoch: start / 3, batch: start % 3)
        let rest = try Self.contents(try Self.loader(set, Self.settings(), from: position), 10 - start)
        #expect(rest == Array(all[start...]))
      }
      // far away costs nothing
      _ = try Self.loader(set, Self.settings(), from: .init(epoch: 1_000_000_000, batch: 2)).next()
    }
  }

  /// Four ranks begin an epoch, others end it: every photo once, and in the order of an unbroken epoch.
  @Test(arguments: [(4, 2), (2, 4), (3, 1), (1, 5)]) func anEpochGoesOnWithOtherRanks(before: Int, after: Int) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 40)
      let set = try PreparedDataSet(path: root + "/set")
      func keys(ranks: Int, from: LoaderPosition, _ count: Int) throws -> [String] {
        let loaders = try (0..<ranks).map { try Self.loader(set, Self.settings(rank: $0, ranks: ranks), from: from) }
        return try (0..<count).flatMap { _ in try loaders.flatMap { try $0.next().keys } }
      }
      let whole = try keys(ranks: 1, from: LoaderPosition(epoch: 1), 8)
      #expect(Set(whole).count == 40)
      for stop in 1..<8 {
        let first = try keys(ranks: before, from: LoaderPosition(epoch: 1), stop)
        let rest = try keys(ranks: after, from: LoaderPosition(epoch: 1, batch: stop), 8 - stop)
        #expect(first + rest == whole, "stopped after batch \(stop)")
      }
    }
  }

  @Test func theKeysOfABatchAreKnownWithoutMakingIt() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 23)
      let loader = try Self.loader(try PreparedDataSet(path: root + "/set"), Self.settings())
      for _ in 0..<9 {
        let expected = loader.keys(at: loader.position)
        #expect(try loader.next().keys == expected)
      }
    }
  }

  @Test(arguments: [2, 3, 5]) func ranksShareTheSameBatch(_ ranks: Int) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 17)
      let set = try PreparedDataSet(path: root + "/set")
      let whole = try Self.loader(set, Self.settings())
      let parts = try (0..<ranks).map { try Self.loader(set, Self.settings(rank: $0, ranks: ranks)) }
      for _ in 0..<4 {
        let expected = BatchContent(try whole.next())
        let batches = try parts.map { try $0.next() }
        #expect(batches.map(\.globalCount) == Array(repeating: 5, count: ranks))
        #expect(batches.map(\.firstIndex) == (0..<ranks).map { 5 * $0 / ranks })
        let contents = batches.map { BatchContent($0) }
        #expect(contents.flatMap(\.pixels) == expected.pixels)
        #expect(contents.flatMap(\.tokenIds) == expected.tokenIds)
        #expect(contents.flatMap(\.keys) == expected.keys)
      }
    }
  }

  /// Without shuffling, augmentation and lots, a batch is what the files say.
  @Test func plainBatches() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 6)
      let set = try PreparedDataSet(path: root + "/set")
      let settings = Self.settings(batch: 3, choice: .first, shuffle: false, augmentation: .none)
      let batches = try Self.contents(try Self.loader(set, settings), 4)
      let samples = try set.samples(split: "train")
      #expect(batches[..<2].flatMap(\.keys) == samples.map(\.key))
      #expect(batches[2].pixels == batches[0].pixels && batches[3].keys == batches[1].keys)
      for (i, sample) in samples.enumerated() {
        let caption = try set.captions(sample)[0]
        #expect(batches[i / 3].tokenIds[i % 3] == ByteTokenizer().encode(caption))
        #expect(batches[i / 3].captions[i % 3] == textIdentity(caption))
        let image = try set.withImageBytes(sample) { try decodePicture($0) }
        var expected = [Float](repeating: 0, count: 192)
        expected.withUnsafeMutableBufferPointer { Self.preprocessing.evaluation(image, into: $0) }
        #expect(Array(batches[i / 3].pixels[(i % 3) * 192..<(i % 3 + 1) * 192]) == expected)
      }
    }
  }

  @Test func lotsDifferFromEpochToEpoch() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 4, captions: { n in (0..<5).map { "\(n) \($0)" } })
      let settings = Self.settings(batch: 4, shuffle: false)
      let epochs = try Self.contents(try Self.loader(try PreparedDataSet(path: root + "/set"), settings), 30)
      #expect(Set(epochs.map(\.captions)).count > 20)
      #expect(Set(epochs.map(\.pixels)).count > 20)
      #expect(Set(epochs.map { $0.captions[0] }).count == 5)  // each of the first photo's captions had its turn
    }
  }

  /// Photos with equal bytes are the same photo, so that neither becomes the other's negative.
  @Test func identities() throws {
    try withTemporaryDirectory { root in
      let writer = try PreparedDataSetWriter(directory: root + "/set", description: .init(name: "x"))
      for (key, photo, caption) in [("a", 1, "One  dog"), ("b", 1, "two"), ("c", 2, "one DOG")] {
        try writer.add(
          image: try syntheticJPEG(photo), width: 24, height: 18,
          record: .init(key: key, fileName: key, split: "train", captions: [caption]))
      }
      try writer.finish()
      let settings = Self.settings(batch: 3, shuffle: false)
      let batch = try Self.loader(try PreparedDataSet(path: root + "/set"), settings).next()
      #expect(batch.photoIdentity[0] == batch.photoIdentity[1] && batch.photoIdentity[0] != batch.photoIdentity[2])
      let captions = try #require(batch.columns.captions).identities
      #expect(captions[0] == captions[2] && captions[0] != captions[1])
    }
  }

  @Test func longCaptionsAreCut() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3, captions: { _ in [String(repeating: "x", count: 500)] })
      let batch = try Self.loader(try PreparedDataSet(path: root + "/set"), Self.settings(batch: 3)).next()
      let captions = try #require(batch.columns.captions)
      #expect(captions.offsets == [0, 77, 154, 231])
      #expect(captions.ids[76] == 257)
    }
  }

  /// Buffers come back: however many batches are made, memory is that of those in flight, one in use, one being dropped.
  @Test func memoryIsBounded() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 17)
      let loader = try Self.loader(try PreparedDataSet(path: root + "/set"), Self.settings(prefetch: 3))
      var places = Set<UInt>()
      for _ in 0..<60 {
        let batch = try loader.next()
        batch.columns.pixels?.withUnsafeBufferPointer { pixels in
          let place = UInt(bitPattern: pixels.baseAddress)
          #expect(place % 64 == 0)
          places.insert(place)
        }
      }
      #expect(places.count <= 5)
    }
  }

  @Test func aBatchOutlivesItsLoader() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 17)
      let set = try PreparedDataSet(path: root + "/set")
      let batch = try Self.loader(set, Self.settings()).next()
      #expect(BatchContent(batch) == BatchContent(try Self.loader(set, Self.settings()).next()))
    }
  }

  /// Dropping a loader ends its threads, whatever they are at.
  @Test func endsCleanly() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 40)
      let set = try PreparedDataSet(path: root + "/set")
      for round in 0..<200 {
        let loader = try Self.loader(set, Self.settings(workers: 1 + round % 4, prefetch: 1 + round % 3))
        for _ in 0..<round % 3 { _ = try loader.next() }
      }
    }
  }
}

@Suite struct BatchErrorTests {
  /// The first bad photo in the order of the batch is named, for any number of workers, again and again.
  @Test(arguments: [0, 1, 4]) func badPhotoIsNamed(_ workers: Int) throws {
    try withTemporaryDirectory { root in
      let writer = try PreparedDataSetWriter(directory: root + "/set", description: .init(name: "x"))
      for i in 0..<12 {
        let jpeg = i < 6 || i == 10 ? try syntheticJPEG(i) : [0xFF, 0xD8, 0xFF] + Array("nothing of use".utf8)
        try writer.add(
          image: jpeg, width: 24, height: 18,
          record: .init(key: "k\(i + 10)", fileName: "\(i + 10)", split: "train", captions: ["x"]))
      }
      try writer.finish()
      let settings = BatchLoaderTests.settings(batch: 4, workers: workers, shuffle: false)
      let loader = try BatchLoaderTests.loader(try PreparedDataSet(path: root + "/set"), settings)
      _ = try loader.next()
      for _ in 0..<3 {
        let error = #expect(throws: BatchingError.self) { try loader.next() }
        let words = try #require(error?.description)
        #expect(words.contains("k16") && words.contains("train-000000.tar") && words.contains("JPEG"))
        #expect(error?.exitCode == .badData)
        #expect(loader.position == LoaderPosition(epoch: 0, batch: 1))
      }
    }
  }

  @Test func noCaption() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3, captions: { _ in [] })
      let set = try PreparedDataSet(path: root + "/set")
      #expect(throws: BatchingError.self) {
        try BatchLoaderTests.loader(set, BatchLoaderTests.settings(batch: 3)).next()
      }
    }
  }

  @Test func batchesThatCannotBe() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 7)
      let set = try PreparedDataSet(path: root + "/set")
      func fails(_ settings: LoaderSettings, at position: LoaderPosition = .init(), saying words: String) throws {
        let error = #expect(throws: BatchingError.self) {
          try BatchLoaderTests.loader(set, settings, from: position)
        }
        #expect(try #require(error).description.contains(words))
      }
      try fails(BatchLoaderTests.settings(batch: 3, rank: 0, ranks: 4), saying: "4 ranks")
      try fails(BatchLoaderTests.settings(batch: 8), saying: "7 samples")
      try fails(BatchLoaderTests.settings(batch: 0), saying: "at least 1")
      try fails(BatchLoaderTests.settings(rank: 2, ranks: 2), saying: "rank 2")
      try fails(BatchLoaderTests.settings(workers: -1), saying: "data.workers")
      try fails(BatchLoaderTests.settings(), at: .init(epoch: 0, batch: 1), saying: "epochs are counted")
      try fails(BatchLoaderTests.settings(), at: .init(epoch: -1), saying: "epoch -1")
      var settings = BatchLoaderTests.settings()
      settings.split = "test"
      try fails(settings, saying: "it has train")
      settings = BatchLoaderTests.settings()
      settings.contextLength = 1
      try fails(settings, saying: "context_length")
    }
  }

  /// A split without samples cannot be written, but a manifest may state one.
  @Test func emptySplit() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 7)
      let path = root + "/set/manifest.json"
      let text = String(decoding: try readFile(path), as: UTF8.self)
      let empty = #""splits" : [{"name":"test","samples":0,"captions":0,"columns":[]},"#
      let parts = text.split(separator: "\"splits\" : [", maxSplits: 1)
      try writeAtomically(Array((parts[0] + empty + parts[1]).utf8), to: path)
      let set = try PreparedDataSet(path: root + "/set")
      var settings = BatchLoaderTests.settings()
      settings.split = "test"
      let error = #expect(throws: BatchingError.self) { try BatchLoaderTests.loader(set, settings) }
      #expect(try #require(error).description.contains("no samples"))
      #expect(throws: BatchingError.self) { try evaluation(set, split: "test") }
    }
  }
}
