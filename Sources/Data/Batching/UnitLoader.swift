public import Images
public import Tokenization

/// Training samples one by one, as many a step as somebody draws: for runs that clip what each of them says. There may be none in a step.
///
/// The samples of a step are cut into pieces of `UnitLoader.piece`, and each rank takes pieces in a row: which samples are computed together
/// does not depend on the number of ranks. For use from one thread at a time.
public final class UnitLoader {
  /// Samples that are computed together.
  public static let piece = 8
  /// The step that is begun next, counted from 0.
  public private(set) var step: Int
  /// Of the step that has begun: the place of the next sample among all, and how many are left here.
  private var place = 0
  private var rest = 0
  private let settings: LoaderSettings
  private let samples: [SampleReference]
  private let drawn: @Sendable (_ step: Int) -> [Int]
  private let prefetcher: Prefetcher<SampleMaker>

  /// - Parameters:
  ///   - settings: whose batch and order have no bearing.
  ///   - drawn: the samples of a step by their places in the split; the same on all ranks, and whenever it is asked.
  ///   - step: where to go on.
  public init(
    dataSet: PreparedDataSet, tokenizer: any Tokenizer, preprocessing: Preprocessing, settings: LoaderSettings,
    step: Int = 0, drawn: @escaping @Sendable (_ step: Int) -> [Int]
  ) throws(BatchingError) {
    try settings.check()
    let samples = try dataSet.samples(split: settings.split)
    guard !samples.isEmpty else { throw .emptySplit(path: dataSet.path, split: settings.split) }
    try dataSet.require(frames: settings.frames, of: settings.columns, split: settings.split)
    let plan = UnitPlan(step: step) { step in
      let all = drawn(step)
      return Array(all[Self.local(all.count, settings)])
    }
    prefetcher = try Prefetcher(
      maker: SampleMaker(
        dataSet, samples, tokenizer: tokenizer, preprocessing: preprocessing, training: settings),
      workers: settings.workers, ahead: settings.prefetch * Self.piece, largestBatch: 1
    ) { _ in plan.next() }
    (self.settings, self.samples, self.drawn, self.step) = (settings, samples, drawn, step)
  }

  /// Goes on to the next step, whose samples then come one by one.
  /// - Returns: how many this rank has.
  /// - Throws: as `next`, where the step has none to throw it.
  public func begin() throws(BatchingError) -> Int {
    let local = Self.local(drawn(step).count, settings)
    step += 1
    (place, rest) = (local.lowerBound, local.count)
    if local.isEmpty { _ = try prefetcher.next() }
    return local.count
  }

  /// The next of this rank's samples, a batch of its own; waits for it where it is not ready.
  /// - Throws: an error that names the sample which could not be made.
  public func next() throws(BatchingError) -> Batch {
    precondition(rest > 0, "a step has no more samples than it has")
    guard let made = try prefetcher.next() else { preconditionFailure("training samples do not end") }
    let batch = Batch(
      position: LoaderPosition(epoch: step - 1), globalCount: 1, firstIndex: place,
      columns: BatchColumns(made.made, pixels: made.pixels, clips: settings.clips, settings.columns),
      photoIdentity: made.tasks.map { samples[$0.index].imageIdentity },
      keys: made.tasks.map { samples[$0.index].key }, samples: made.tasks.map(\.index))
    (place, rest) = (place + 1, rest - 1)
    return batch
  }

  /// A rank's part of the places of a step.
  private static func local(_ count: Int, _ settings: LoaderSettings) -> Range<Int> {
    let pieces = share(of: (count + piece - 1) / piece, rank: settings.rank, ranks: settings.ranks)
    return min(pieces.lowerBound * piece, count)..<min(pieces.upperBound * piece, count)
  }
}

/// One sample after the other, over all steps, and nothing once for a step that has none: the prefetcher asks in order, on whichever thread.
private final class UnitPlan: @unchecked Sendable {  // variables are guarded by the prefetcher's monitor
  private var step: Int
  private var rest: ArraySlice<Int>
  private let samples: @Sendable (_ step: Int) -> [Int]

  init(step: Int, samples: @escaping @Sendable (_ step: Int) -> [Int]) {
    (self.step, self.samples, rest) = (step - 1, samples, [])
  }

  func next() -> [SampleTask] {
    if rest.isEmpty {
      step += 1
      rest = samples(step)[...]
    }
    return rest.popFirst().map { [SampleTask(index: $0, epoch: step)] } ?? []
  }
}
