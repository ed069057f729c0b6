public import Images

/// Which of a sample's captions a training batch takes, and likewise of its questions and its boxes.
public enum ValueChoice: String, Codable, Sendable, CaseIterable {
  /// One by lot, which depends on seed, epoch, sample and column only.
  case random
  /// The first.
  case first
}

/// How a `BatchLoader` makes batches.
public struct LoaderSettings: Sendable {
  public var split: String
  /// What batches hold; nothing else is read.
  public var columns: ColumnSet
  /// What of it every sample has: one that lacks it is refused.
  public var columnsOfEachSample: ColumnSet
  /// Whether a sample may have no photo, where photos are wanted: else one without is refused.
  public var photosMayBeAbsent: Bool
  /// The most frames of a sample that are looked at; nil for a model that looks at photos, which refuses a split with videos.
  public var frames: Int?
  /// Most token ids of a text, start and end included.
  public var contextLength: Int
  /// What a sample's regions must be; nil where no model reads them.
  public var regionLimits: RegionLimits?
  public var augmentation: Augmentation
  /// How clips become rows, where the columns have them.
  public var clips: ClipSettings
  /// Which samples are mixed with others.
  public var mixUp: MixUp
  /// Which words texts lack.
  public var wordDrop: WordDrop
  /// Of augmented photos; without augmentation decoding is exact.
  public var decoding: PhotoDecoding
  public var choice: ValueChoice
  /// False is the order of file names.
  public var shuffle: Bool
  /// Groups of samples, by their places in the split, that are drawn equally often; nil draws each sample once an epoch.
  public var drawnInTurn: [[Int]]?
  /// B, samples of all ranks together.
  public var globalBatch: Int
  public var rank: Int
  public var ranks: Int
  public var seed: UInt64
  /// Threads that make samples; 0 makes them in `next()`. The batches are the same for any number.
  public var workers: Int
  /// Batches in flight at most, beside the one in use.
  public var prefetch: Int

  public init(
    split: String = "train", columns: ColumnSet = [.image, .captions], columnsOfEachSample: ColumnSet = [.captions],
    photosMayBeAbsent: Bool = false, frames: Int? = nil, contextLength: Int, regionLimits: RegionLimits? = nil,
    augmentation: Augmentation = .standard,
    clips: ClipSettings = ClipSettings(), mixUp: MixUp = .none, wordDrop: WordDrop = .none,
    decoding: PhotoDecoding = .scaled,
    choice: ValueChoice = .random, shuffle: Bool = true, drawnInTurn: [[Int]]? = nil, globalBatch: Int, rank: Int = 0,
    ranks: Int = 1,
    seed: UInt64 = 0, workers: Int = 1, prefetch: Int = 2
  ) {
    self.split = split
    self.columns = columns
    self.columnsOfEachSample = columnsOfEachSample
    self.photosMayBeAbsent = photosMayBeAbsent
    self.frames = frames
    self.contextLength = contextLength
    self.regionLimits = regionLimits
    self.augmentation = augmentation
    self.clips = clips
    self.mixUp = mixUp
    self.wordDrop = wordDrop
    self.decoding = decoding
    self.choice = choice
    self.shuffle = shuffle
    self.drawnInTurn = drawnInTurn
    self.globalBatch = globalBatch
    self.rank = rank
    self.ranks = ranks
    self.seed = seed
    self.workers = workers
    self.prefetch = prefetch
  }

  /// Which samples an epoch has, and in which order.
  func order(count: Int, epoch: Int) -> any SampleOrder {
    guard let drawnInTurn else { return EpochOrder(count: count, seed: seed, epoch: epoch, shuffle: shuffle) }
    return OrderInTurn(drawnInTurn, count: count, seed: seed, epoch: epoch)
  }

  func check() throws(BatchingError) {
    try checkThreads(workers: workers, prefetch: prefetch)
    try checkTexts(contextLength: contextLength)
    try checkRank(rank, of: ranks)
    guard globalBatch >= 1 else {
      throw .setting(name: "batch.global", reason: "must be at least 1, not \(globalBatch)")
    }
    guard globalBatch >= ranks else { throw .batchTooSmall(batch: globalBatch, ranks: ranks) }
  }
}

func checkThreads(workers: Int, prefetch: Int) throws(BatchingError) {
  guard (0...256).contains(workers) else {
    throw .setting(name: "data.workers", reason: "must be 0 to 256, not \(workers)")
  }
  guard (1...64).contains(prefetch) else {
    throw .setting(name: "batches in flight", reason: "must be 1 to 64, not \(prefetch)")
  }
}

func checkTexts(contextLength: Int) throws(BatchingError) {
  guard contextLength >= 2 else {
    throw .setting(
      name: "model.text.context_length", reason: "must leave room for two tokens, start and end, not \(contextLength)")
  }
}

func checkRank(_ rank: Int, of ranks: Int) throws(BatchingError) {
  guard ranks >= 1, (0..<ranks).contains(rank) else {
    throw .setting(name: "rank", reason: "rank \(rank) of \(ranks) does not exist")
  }
}

/// The part of `count` things that falls to a rank: contiguous, sizes differ by one at most.
public func share(of count: Int, rank: Int, ranks: Int) -> Range<Int> {
  count * rank / ranks..<count * (rank + 1) / ranks
}
