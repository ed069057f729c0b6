import Audio
import Batching
import Files
import Images
import TestSupport
import Testing

/// Samples that are mixed with others.
@Suite struct MixUpTests {
  /// Clips as they are, so that a mixture can be added up.
  private static let form = AudioForm.samples(rate: 16_000, limit: 8_000)

  private static func clip(_ number: Int) throws -> PreparedClip {
    let samples = 400 + 160 * (number % 5)
    let bytes = WaveFile.tone(number, samples: samples)
    return PreparedClip(file: bytes, header: try bytes.withUnsafeBytes { try readSoundHeader($0) }, frames: samples)
  }

  /// Of 24 samples, each of a class of its own: the first has no class, the second no clip, the third no photo.
  private static func write(_ path: String) throws -> PreparedDataSet {
    let writer = try PreparedDataSetWriter(directory: path, description: .init(name: "mixed"), shardBytes: 20_000)
    for number in 0..<24 {
      var columns = SampleColumns()
      if number != 0 { columns.labels["kind"] = ["c\(number)"] }
      let record = SampleRecord(
        key: "k\(100 + number)", fileName: "\(100 + number)", split: "train",
        captions: ["one two three four \(number)"],
        columns: columns)
      if number == 2 {
        try writer.add(clip: try clip(number), record: record)
      } else {
        try writer.add(
          image: try syntheticJPEG(number), width: 24, height: 18, record: record,
          clip: number == 1 ? nil : try clip(number))
      }
    }
    try writer.finish()
    return try PreparedDataSet(path: path)
  }

  private static func loader(
    _ set: PreparedDataSet, _ columns: ColumnSet, mixUp: MixUp, wordDrop: WordDrop = .none, batch: Int = 24,
    rank: Int = 0, ranks: Int = 1, workers: Int = 1, position: LoaderPosition = LoaderPosition()
  ) throws -> BatchLoader {
    try BatchLoader(
      dataSet: set, tokenizer: ByteTokenizer(), preprocessing: .clip(imageSize: 8),
      settings: LoaderSettings(
        columns: columns, columnsOfEachSample: [], photosMayBeAbsent: true, contextLength: 40, augmentation: .none,
        clips: ClipSettings(form: form), mixUp: mixUp, wordDrop: wordDrop, globalBatch: batch, rank: rank,
        ranks: ranks, seed: 3, workers: workers), position: position)
  }

  private static func pixels(_ batch: Batch, _ place: Int) throws -> [Float] {
    try #require(batch.columns.pixels).withUnsafeBufferPointer { Array($0[place * 192..<(place + 1) * 192]) }
  }

  /// What is heard and seen of two is added up by the shares that are told, from the beginnings of both.
  @Test func mixturesAreSumsByTheirShares() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let columns: ColumnSet = [.image, .audio, .labels("kind")]
      let plain = try Self.loader(set, columns, mixUp: .none).next()
      let mixed = try Self.loader(set, columns, mixUp: MixUp(part: 1)).next()
      #expect(plain.columns.mixtures == nil && plain.keys == mixed.keys && plain.columns.labels == mixed.columns.labels)
      let mixtures = try #require(mixed.columns.mixtures)
      let (whole, sum) = (try #require(plain.columns.audio), try #require(mixed.columns.audio))
      #expect(whole.offsets == sum.offsets)
      var partners: Set<Int> = []
      for (place, mixture) in mixtures.enumerated() {
        guard let mixture else {
          #expect(Array(whole.rows(of: place)) == Array(sum.rows(of: place)))
          #expect(try Self.pixels(plain, place) == Self.pixels(mixed, place))
          continue
        }
        #expect(mixture.own > 0.05 && mixture.own < 0.95)
        let name = try #require(mixture.labels["kind"]?.first)
        let other = try #require(plain.columns.labels["kind"]?.firstIndex(of: [name]))
        #expect(other != place)
        partners.insert(other)
        let (own, rest) = (Array(whole.rows(of: place)), Array(whole.rows(of: other)))
        let expected = own.indices.map {
          mixture.own * own[$0] + (1 - mixture.own) * ($0 < rest.count ? rest[$0] : 0)
        }
        #expect(Array(sum.rows(of: place)) == expected)
        let pixels = zip(try Self.pixels(plain, place), try Self.pixels(plain, other)).map {
          mixture.own * $0 + (1 - mixture.own) * $1
        }
        #expect(try Self.pixels(mixed, place) == pixels)
      }
      #expect(partners.count > 8, "\(partners.count)")
    }
  }

  /// A sample is mixed with one that has what it has; one without a class, or alone with what it has, never is.
  @Test func unlikeSamplesStayAsTheyAre() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let loader = try Self.loader(set, [.image, .audio, .labels("kind")], mixUp: MixUp(part: 1))
      var counts = [Int](repeating: 0, count: 24)
      for _ in 0..<20 {
        let batch = try loader.next()
        for (sample, mixture) in zip(batch.samples, batch.columns.mixtures ?? []) where mixture != nil {
          counts[sample] += 1
          #expect(["c1", "c2"].allSatisfy { mixture?.labels["kind"] != [$0] })
        }
      }
      #expect(counts[0...2] == [0, 0, 0] && counts[3...].allSatisfy { $0 > 8 }, "\(counts)")
      // Of clips alone the third sample is like the others.
      let clips = try Self.loader(set, [.audio, .labels("kind")], mixUp: MixUp(part: 1))
      let found = try (0..<20).contains { _ in
        let batch = try clips.next()
        return zip(batch.samples, batch.columns.mixtures ?? []).contains { $0 == 2 && $1 != nil }
      }
      #expect(found)
    }
  }

  @Test func aPartIsMixed() throws {
    try withTemporaryDirectory { root in
      let loader = try Self.loader(try Self.write(root + "/set"), [.labels("kind"), .audio], mixUp: MixUp(part: 0.25))
      let mixed = try (0..<60).reduce(0) { count, _ in
        count + (try loader.next().columns.mixtures?.count { $0 != nil } ?? 0)
      }
      // 60 epochs of 24 samples, of which 22 have a class and a clip and so have 21 of the 23 others.
      let expected = 0.25 * 60 * 22 * 21 / 23
      #expect(abs(Double(mixed) - expected) < 4 * (expected * 0.75).squareRoot(), "\(mixed), not \(expected)")
    }
  }

  /// Seed, epoch and sample decide, and nothing else.
  @Test func ranksWorkersAndBeginningsMixAlike() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      func made(_ ranks: Int, workers: Int = 1, from first: Int = 0) throws -> [[Float]] {
        let loaders = try (0..<ranks).map {
          try Self.loader(
            set, [.audio, .captions, .labels("kind")], mixUp: MixUp(part: 0.7), wordDrop: WordDrop(probability: 0.4),
            batch: 8, rank: $0, ranks: ranks, workers: workers, position: LoaderPosition(epoch: 0, batch: first))
        }
        var rows: [[Float]] = []
        for _ in first..<6 {
          for loader in loaders {
            let batch = try loader.next()
            let (audio, texts) = (try #require(batch.columns.audio), try #require(batch.columns.captions))
            rows += (0..<batch.count).map { place in
              let text = texts.ids[Int(texts.offsets[place])..<Int(texts.offsets[place + 1])]
              return audio.rows(of: place) + text.map { Float($0) } + [batch.columns.mixtures?[place]?.own ?? 1]
            }
          }
        }
        return rows
      }
      let one = try made(1)
      #expect(try one == made(2) && one == made(3) && one == made(1, workers: 0) && one == made(1, workers: 3))
      #expect(try Array(one[16...]) == made(1, from: 2))
    }
  }
}
