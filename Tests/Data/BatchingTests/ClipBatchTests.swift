import Audio
import Batching
import Files
import Foundation
import Images
import Reporting
import TestSupport
import Testing

/// Clips in prepared sets, with photos and without, and batches of them.
@Suite struct ClipBatchTests {
  private static let form = AudioForm.bands(
    AudioPreprocessing(spectrogram: .ast, maximumFrames: 20, mean: -4, deviation: 9))

  private static func clip(_ number: Int) throws -> PreparedClip {
    let samples = 400 + 160 * (number % 40)
    let bytes = WaveFile.tone(number, samples: samples)
    return PreparedClip(file: bytes, header: try bytes.withUnsafeBytes { try readSoundHeader($0) }, frames: samples)
  }

  /// Every third sample has a clip alone, every third a photo alone, the others have both.
  private static func write(_ path: String, count: Int = 12) throws -> PreparedDataSet {
    let writer = try PreparedDataSetWriter(directory: path, description: .init(name: "clips"), shardBytes: 9_000)
    for number in 0..<count {
      let record = SampleRecord(
        key: "k\(100 + number)", fileName: "\(100 + number)", split: "train", captions: ["caption \(number)"])
      if number % 3 == 0 {
        try writer.add(clip: try clip(number), record: record)
      } else {
        try writer.add(
          image: try syntheticJPEG(number), width: 24, height: 18, record: record,
          clip: number % 3 == 1 ? nil : try clip(number))
      }
    }
    try writer.finish()
    return try PreparedDataSet(path: path)
  }

  private static func loader(
    _ set: PreparedDataSet, _ columns: ColumnSet, batch: Int = 4, rank: Int = 0, ranks: Int = 1,
    required: ColumnSet = [], augmentation: AudioAugmentation = .standard
  ) throws -> BatchLoader {
    try BatchLoader(
      dataSet: set, tokenizer: ByteTokenizer(), preprocessing: .clip(imageSize: 8),
      settings: LoaderSettings(
        columns: columns, columnsOfEachSample: required, contextLength: 12,
        clips: ClipSettings(form: form, augmentation: augmentation), globalBatch: batch, rank: rank, ranks: ranks,
        seed: 5))
  }

  @Test func aSetHoldsClipsAsTheyCame() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      try set.verify()
      #expect(set.manifest.version == 3)
      let counts = try set.columnCounts(split: "train")
      #expect(counts.first { $0.column == .audio } == ColumnCount(column: .audio, samples: 8, values: 8))
      #expect(counts.first { $0.column == .image } == ColumnCount(column: .image, samples: 8, values: 8))
      for (number, sample) in try set.samples(split: "train").enumerated() {
        let expected = number % 3 == 1 ? nil : try Self.clip(number)
        #expect(try set.withClip(sample) { bytes, _ in Array(bytes) } == expected?.file)
        #expect(sample.hasPhoto == (number % 3 != 0))
        #expect(try set.record(sample).clip?.frames == expected?.frames)
      }
    }
  }

  @Test func setsWithoutClipsAreOfTheVersionBefore() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 3)
      #expect(try PreparedDataSet(path: root + "/set").manifest.version == 2)
    }
  }

  /// Rows are those of each clip, and no others.
  @Test func evaluationHearsEveryClipAsItIs() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      let loader = try EvaluationLoader(
        dataSet: set, split: "train", columns: [.audio], tokenizer: ByteTokenizer(), contextLength: 12,
        preprocessing: .clip(imageSize: 8), clips: ClipSettings(form: Self.form), chunk: 5)
      let reader = ClipReader(Self.form)
      var number = 0
      while let chunk = try loader.next() {
        let audio = try #require(chunk.columns.audio)
        #expect(audio.count == chunk.count && audio.width == 128 && chunk.columns.pixels == nil)
        for place in 0..<chunk.count {
          let expected = number % 3 == 1 ? [] : reader.evaluation(try decodeSound(try Self.clip(number).file)).values
          #expect(Array(audio.rows(of: place)) == expected)
          #expect(audio.frames[place] * 128 == expected.count)
          number += 1
        }
      }
      #expect(number == 12)
    }
  }

  /// What a clip becomes in training depends on seed, epoch and sample, and on nothing else.
  @Test func ranksHearThePartsOfOneBatch() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      func rows(_ ranks: Int) throws -> [[Float]] {
        var rows: [[Float]] = []
        let loaders = try (0..<ranks).map { try Self.loader(set, [.audio], rank: $0, ranks: ranks) }
        for _ in 0..<4 {
          for loader in loaders {
            let audio = try #require(try loader.next().columns.audio)
            rows += (0..<audio.count).map { Array(audio.rows(of: $0)) }
          }
        }
        return rows
      }
      let one = try rows(1)
      #expect(try one == rows(2) && one == rows(3))
      #expect(Set(one).count > 9, "an epoch hears other changes than the one before")
    }
  }

  @Test func aBatchOfNobodysSoundIsABatch() {
    let batch = AudioBatch([nil, nil], width: 128)
    #expect(batch.count == 2 && batch.frames == [0, 0] && batch.values.isEmpty && batch.rows(of: 1).isEmpty)
  }

  @Test func aSampleThatLacksWhatIsWantedIsRefused() throws {
    try withTemporaryDirectory { root in
      let set = try Self.write(root + "/set")
      for (columns, required, name) in [([.image], [], "image"), ([.audio], [.audio], "audio")]
        as [(ColumnSet, ColumnSet, String)]
      {
        let loader = try Self.loader(set, columns, batch: 12, required: required)
        let error = #expect(throws: BatchingError.self) { try loader.next() }
        #expect(error?.description.contains("nothing in the column \(name)") == true && error?.exitCode == .badData)
      }
    }
  }

  /// Records and clips that lie are found by `verify`, or by who hears them.
  @Test(arguments: [
    (#""offset":"#, #""offset":9"#), (#""format":"wav""#, #""format":"mp3""#), (#""rate":16000"#, #""rate":16001"#),
  ])
  func aLyingRecordIsRefused(_ change: (String, String)) throws {
    try withTemporaryDirectory { root in
      _ = try Self.write(root + "/set", count: 1)
      let shard = root + "/set/shards/train-000000.tar"
      let bytes = try readFile(shard)
      var text = String(decoding: bytes, as: Unicode.ASCII.self)
      let range = try #require(text.range(of: change.0))
      text.replaceSubrange(range, with: change.1)
      // The record keeps its length: what is longer takes the place of a digit.
      var altered = bytes
      let start = text.distance(from: text.startIndex, to: range.lowerBound)
      altered.replaceSubrange(start..<(start + change.1.utf8.count), with: Array(change.1.utf8))
      try writeAtomically(altered, to: shard)
      let manifest = root + "/set/manifest.json"
      let vouched = String(decoding: try readFile(manifest), as: UTF8.self)
        .replacingOccurrences(of: sha256(bytes), with: sha256(altered))
      try writeAtomically(Array(vouched.utf8), to: manifest)
      let set = try PreparedDataSet(path: root + "/set")
      let sample = try set.samples(split: "train")[0]
      if change.0.contains("offset") {
        #expect(throws: (any Error).self) { try set.sound(of: sample) }
      }
      #expect(throws: (any Error).self) { try set.verify() }
    }
  }
}
