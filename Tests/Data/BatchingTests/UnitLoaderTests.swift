import Batching
import Testing

/// Samples one by one, as many a step as somebody draws.
@Suite struct UnitLoaderTests {
  private static let drawn: @Sendable (Int) -> [Int] = { step in
    switch step % 4 {
    case 0: Array(0..<19)
    case 1: []
    case 2: [3]
    default: [1, 4, 9, 11, 12, 13, 14, 15, 16]
    }
  }

  private func loader(
    _ root: String, rank: Int = 0, ranks: Int = 1, workers: Int = 2, from step: Int = 0
  ) throws -> UnitLoader {
    try UnitLoader(
      dataSet: try PreparedDataSet(path: root + "/set"), tokenizer: ByteTokenizer(),
      preprocessing: BatchLoaderTests.preprocessing,
      settings: BatchLoaderTests.settings(rank: rank, ranks: ranks, workers: workers), step: step, drawn: Self.drawn)
  }

  private func step(_ loader: UnitLoader) throws -> [Batch] { try (0..<loader.begin()).map { _ in try loader.next() } }

  /// Each step has what is drawn, in its order, each sample a batch of its own; some have none.
  @Test(arguments: [0, 1, 3]) func aStepHasWhatIsDrawn(workers: Int) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 20)
      let loader = try loader(root, workers: workers)
      for step in 0..<9 {
        #expect(loader.step == step)
        let taken = try self.step(loader)
        #expect(taken.map { $0.samples } == Self.drawn(step).map { [$0] })
        #expect(taken.map(\.firstIndex) == Array(taken.indices) && taken.allSatisfy { $0.globalCount == 1 })
      }
    }
  }

  /// Ranks take pieces in a row, which do not hang on their number; a rank may never have any.
  @Test(arguments: [2, 3, 5]) func ranksDivideAStep(ranks: Int) throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 20)
      let whole = try loader(root)
      let loaders = try (0..<ranks).map { try loader(root, rank: $0, ranks: ranks) }
      for _ in 0..<8 {
        let all = try step(whole)
        let parts = try loaders.map { try step($0) }
        #expect(parts.joined().map(BatchContent.init) == all.map(BatchContent.init))
        #expect(parts.allSatisfy { ($0.first?.firstIndex ?? 0) % UnitLoader.piece == 0 })
      }
    }
  }

  /// A step is a function of its number, wherever the loader begins, and takes another caption of a photo than the step before.
  @Test func aStepIsAFunctionOfItsNumber() throws {
    try withTemporaryDirectory { root in
      try writeSyntheticDataSet(root + "/set", train: 20)
      let first = try loader(root)
      let taken = try (0..<8).map { _ in try step(first).map(BatchContent.init) }
      let later = try loader(root, from: 4)
      #expect(try step(later).map(BatchContent.init) == taken[4])
      #expect(taken[0].map(\.keys) == taken[4].map(\.keys) && taken[0].map(\.captions) != taken[4].map(\.captions))
    }
  }
}
