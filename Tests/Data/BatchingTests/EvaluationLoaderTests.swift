import Batching
import Images
import Testing
import Tokenization

func evaluation(
  _ set: PreparedDataSet, split: String, chunk: Int = 4, rank: Int = 0, ranks: Int = 1, workers: Int = 2
) throws -> EvaluationLoader {
  try EvaluationLoader(
    dataSet: set, split: split, tokenizer: ByteTokenizer(), contextLength: 77, preprocessing: .clip(imageSize: 8),
    chunk: chunk, rank: rank, ranks: ranks, workers: workers)
}

@Suite struct EvaluationLoaderTests {
  /// Every photo in order, every caption, the same pixels for any number of ranks, chunks and workers.
  @Test(arguments: [(1, 4, 0), (1, 100, 2), (2, 4, 1), (3, 1, 2), (4, 3, 3), (13, 2, 1)])
  func everythingOnce(_ ranks: Int, _ chunk: Int, _ workers: Int) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 2, validation: 11)
      let set = try PreparedDataSet(path: root + "/set")
      let samples = try set.samples(split: "validation")
      var chunks: [EvaluationChunk] = []
      for rank in 0..<ranks {
        let loader = try evaluation(set, split: "validation", chunk: chunk, rank: rank, ranks: ranks, workers: workers)
        #expect(loader.totalCount == 11)
        var next = loader.range.lowerBound
        while let found = try loader.next() {
          #expect(found.firstIndex == next && found.count <= chunk)
          next += found.count
          chunks.append(found)
        }
        #expect(next == loader.range.upperBound)
        #expect(try loader.next()?.count == nil)
      }
      #expect(chunks.flatMap(\.keys) == samples.map(\.key))
      #expect(chunks.flatMap { $0.columns.captions?.counts ?? [] } == (10_000..<10_011).map { $0 % 5 + 1 })
      let texts = chunks.flatMap { $0.columns.captions?.texts ?? [] }
      #expect(texts == (try samples.flatMap { try set.captions($0) }).map { ByteTokenizer().encode($0) })
      let pixels = chunks.flatMap { $0.columns.pixels?.array() ?? [] }
      #expect(pixels.count == 11 * 192)
      let whole = try #require(try evaluation(set, split: "validation", chunk: 11, workers: 0).next())
      #expect(pixels == whole.columns.pixels?.array())
    }
  }

  /// Chunks that are dealt out in turn are, round by round, the split in its order, with the pixels of evaluation or without.
  @Test(arguments: [(1, 4, true), (2, 3, true), (3, 2, false), (13, 2, true)])
  func chunksAreDealtInTurn(_ ranks: Int, _ chunk: Int, _ hasPixels: Bool) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 2, validation: 11)
      let set = try PreparedDataSet(path: root + "/set")
      let whole = try #require(try evaluation(set, split: "validation", chunk: 11, workers: 0).next())
      let loaders = try (0..<ranks).map {
        try DealtLoader(
          dataSet: set, split: "validation", columns: hasPixels ? [.image, .captions] : [.captions],
          tokenizer: ByteTokenizer(), contextLength: 77, preprocessing: .clip(imageSize: 8), chunk: chunk, rank: $0,
          ranks: ranks)
      }
      var chunks: [EvaluationChunk] = []
      for _ in 0..<loaders[0].rounds { chunks += try loaders.compactMap { try $0.next() } }
      #expect(try loaders.allSatisfy { try $0.next() == nil })
      let (captions, wholeCaptions) = (chunks.compactMap(\.columns.captions), try #require(whole.columns.captions))
      #expect(chunks.flatMap(\.keys) == whole.keys && captions.flatMap(\.ids) == wholeCaptions.ids)
      #expect(captions.flatMap(\.counts) == wholeCaptions.counts)
      #expect(wholeCaptions.numbers == wholeCaptions.counts.flatMap { 0..<$0 })
      #expect(chunks.flatMap { $0.columns.pixels?.array() ?? [] } == (hasPixels ? whole.columns.pixels?.array() : []))
    }
  }
}
