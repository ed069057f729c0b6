public import Images
public import Tokenization

/// A split as evaluation sees it, in chunks that are dealt out to the ranks in turn: the chunks of one round, put together
/// in rank order, follow those of the round before. For use from one thread at a time.
public final class DealtLoader {
  /// Samples of the whole split.
  public let totalCount: Int
  /// How often ranks meet: in the last round some may have no chunk.
  public let rounds: Int
  private let samples: [SampleReference]
  private let columns: ColumnSet
  private let clips: ClipSettings
  private let prefetcher: Prefetcher<SampleMaker>

  /// - Parameters:
  ///   - columns: what chunks hold; nothing else is read.
  ///   - photosMayBeAbsent: as in `LoaderSettings`.
  ///   - regionLimits: as in `LoaderSettings`.
  ///   - clips: as in `EvaluationLoader`.
  ///   - chunk: samples a chunk; the split's last may have fewer.
  ///   - workers, prefetch: as in `LoaderSettings`.
  public init(
    dataSet: PreparedDataSet, split: String, columns: ColumnSet, photosMayBeAbsent: Bool = false,
    tokenizer: any Tokenizer,
    contextLength: Int,
    regionLimits: RegionLimits? = nil, preprocessing: Preprocessing, clips: ClipSettings = ClipSettings(), chunk: Int,
    rank: Int,
    ranks: Int,
    workers: Int = 1, prefetch: Int = 2
  ) throws(BatchingError) {
    try checkThreads(workers: workers, prefetch: prefetch)
    try checkTexts(contextLength: contextLength)
    try checkRank(rank, of: ranks)
    precondition(chunk >= 1, "chunks of \(chunk) samples")
    let samples = try dataSet.samples(split: split)
    var maker = SampleMaker(
      dataSet: dataSet, samples: samples, wanted: columns, required: [], tokenizer: tokenizer,
      contextLength: contextLength, regionLimits: regionLimits, preprocessing: preprocessing, augmentation: .none,
      decoding: .exact, values: .all,
      seed: 0)
    maker.photosMayBeAbsent = photosMayBeAbsent
    maker.hear(ClipSettings(form: clips.form), ifIn: columns)
    let count = samples.count
    prefetcher = try Prefetcher(maker: maker, workers: workers, ahead: prefetch, largestBatch: min(chunk, count)) {
      round in
      let first = (round * ranks + rank) * chunk
      guard first < count else { return nil }
      return (first..<min(first + chunk, count)).map { SampleTask(index: $0, epoch: 0) }
    }
    self.samples = samples
    (self.columns, self.clips) = (columns, clips)
    totalCount = count
    let chunks = (count + chunk - 1) / chunk
    rounds = (chunks + ranks - 1) / ranks
  }

  /// This rank's chunk of the next round; nil where it has none any more.
  public func next() throws(BatchingError) -> EvaluationChunk? {
    try prefetcher.next().map { EvaluationChunk($0, samples, clips, columns) }
  }
}

extension EvaluationChunk {
  init(
    _ made: PrefetchedBatch<SampleParts>, _ samples: [SampleReference], _ clips: ClipSettings, _ columns: ColumnSet
  ) {
    self.init(
      firstIndex: made.tasks[0].index, columns: BatchColumns(made.made, pixels: made.pixels, clips: clips, columns),
      photoIdentity: made.tasks.map { samples[$0.index].imageIdentity }, keys: made.tasks.map { samples[$0.index].key })
  }
}
