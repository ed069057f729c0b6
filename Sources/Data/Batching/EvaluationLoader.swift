public import Images
public import Tokenization

/// All samples of a split in the order of the index, photos unchanged, with all that they have in the columns asked for; a rank
/// gets a contiguous part. For use from one thread at a time.
public final class EvaluationLoader {
  /// The places in the split that fall to this rank; may be empty where there are more ranks than samples.
  public let range: Range<Int>
  /// Samples of the whole split.
  public let totalCount: Int
  /// How often `next` has something on this rank.
  public let chunks: Int
  private let samples: [SampleReference]
  private let columns: ColumnSet
  private let clips: ClipSettings
  private let prefetcher: Prefetcher<SampleMaker>

  /// - Parameters:
  ///   - columns: what chunks hold; nothing else is read.
  ///   - photosMayBeAbsent, frames: as in `LoaderSettings`.
  ///   - regionLimits: as in `LoaderSettings`.
  ///   - clips: how clips become rows, where the columns have them; they are not changed.
  ///   - shaped: how photos are prepared that keep their shape; nil where they become squares.
  ///   - chunk: samples a chunk; the last may have fewer.
  ///   - workers, prefetch: as in `LoaderSettings`.
  public init(
    dataSet: PreparedDataSet, split: String, columns: ColumnSet = [.image, .captions], photosMayBeAbsent: Bool = false,
    frames: Int? = nil, tokenizer: any Tokenizer, contextLength: Int, regionLimits: RegionLimits? = nil,
    preprocessing: Preprocessing,
    shaped: ShapedPreprocessing? = nil, clips: ClipSettings = ClipSettings(), chunk: Int, rank: Int = 0, ranks: Int = 1,
    workers: Int = 1, prefetch: Int = 2
  ) throws(BatchingError) {
    try checkThreads(workers: workers, prefetch: prefetch)
    try checkTexts(contextLength: contextLength)
    try checkRank(rank, of: ranks)
    guard chunk >= 1 else { throw .setting(name: "photos a chunk", reason: "must be at least 1, not \(chunk)") }
    let samples = try dataSet.samples(split: split)
    guard !samples.isEmpty else { throw .emptySplit(path: dataSet.path, split: split) }
    try dataSet.require(frames: frames, of: columns, split: split)
    let range = share(of: samples.count, rank: rank, ranks: ranks)
    var maker = SampleMaker(
      dataSet: dataSet, samples: samples, wanted: columns, required: [], tokenizer: tokenizer,
      contextLength: contextLength, regionLimits: regionLimits, preprocessing: preprocessing, augmentation: .none,
      decoding: .exact, values: .all, seed: 0, shaped: shaped)
    (maker.photosMayBeAbsent, maker.frames) = (photosMayBeAbsent, frames)
    maker.hear(ClipSettings(form: clips.form), ifIn: columns)
    prefetcher = try Prefetcher(
      maker: maker, workers: workers, ahead: prefetch, largestBatch: min(chunk, range.count)
    ) { number in
      let first = range.lowerBound + number * chunk
      guard first < range.upperBound else { return nil }
      return (first..<min(first + chunk, range.upperBound)).map { SampleTask(index: $0, epoch: 0) }
    }
    self.samples = samples
    (self.columns, self.clips) = (columns, clips)
    self.range = range
    totalCount = samples.count
    chunks = (range.count + chunk - 1) / chunk
  }

  /// The next chunk, or nil after the last.
  public func next() throws(BatchingError) -> EvaluationChunk? {
    try prefetcher.next().map { EvaluationChunk($0, samples, clips, columns) }
  }
}
