public import Images
public import Tokenization

/// A split as evaluation sees it, in chunks that are dealt out to the ranks in turn: the chunks of one round, put together
/// in rank order, follow those of the round before. For use from one thread at a time.
public final class DealtLoader {
  /// Photos of the whole split.
  public let totalCount: Int
  /// How often ranks meet: in the last round some may have no chunk.
  public let rounds: Int
  private let samples: [SampleReference]
  private let prefetcher: Prefetcher<SampleMaker>

  /// - Parameters:
  ///   - chunk: photos a chunk; the split's last may have fewer.
  ///   - makesImages, workers, prefetch: as in `LoaderSettings`.
  public init(
    dataSet: PreparedDataSet, split: String, tokenizer: any Tokenizer, contextLength: Int, preprocessing: Preprocessing,
    chunk: Int, makesImages: Bool, rank: Int, ranks: Int, workers: Int = 1, prefetch: Int = 2
  ) throws(BatchingError) {
    try checkThreads(workers: workers, prefetch: prefetch)
    try checkTexts(contextLength: contextLength)
    try checkRank(rank, of: ranks)
    precondition(chunk >= 1, "chunks of \(chunk) photos")
    let samples = try dataSet.samples(split: split)
    let maker = SampleMaker(
      dataSet: dataSet, samples: samples, tokenizer: tokenizer, contextLength: contextLength,
      preprocessing: preprocessing, augmentation: .none, decoding: .exact, captions: .all, makesImages: makesImages,
      seed: 0)
    let count = samples.count
    prefetcher = try Prefetcher(maker: maker, workers: workers, ahead: prefetch, largestBatch: min(chunk, count)) {
      round in
      let first = (round * ranks + rank) * chunk
      guard first < count else { return nil }
      return (first..<min(first + chunk, count)).map { SampleTask(index: $0, epoch: 0) }
    }
    self.samples = samples
    totalCount = count
    let chunks = (count + chunk - 1) / chunk
    rounds = (chunks + ranks - 1) / ranks
  }

  /// This rank's chunk of the next round; nil where it has none any more.
  public func next() throws(BatchingError) -> EvaluationChunk? {
    try prefetcher.next().map { EvaluationChunk($0, samples) }
  }
}

extension EvaluationChunk {
  init(_ made: PrefetchedBatch<SampleTexts>, _ samples: [SampleReference]) {
    let texts = PackedTexts(made.made.flatMap(\.ids))
    self.init(
      firstIndex: made.tasks[0].index, pixels: made.pixels, tokenIds: texts.ids, offsets: texts.offsets,
      captionCounts: made.made.map(\.ids.count), photoIdentity: made.tasks.map { samples[$0.index].imageIdentity },
      captionIdentity: made.made.flatMap(\.identities), keys: made.tasks.map { samples[$0.index].key })
  }
}
