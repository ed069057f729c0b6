internal import Audio
public import Images
public import Tokenization

/// Training batches without end, epoch after epoch; what does not fill a batch at the end of an epoch is left out.
///
/// The batch at a position depends on the data, the settings' seed and the position only: not on the rank count (ranks
/// cut the same global batch into slices), not on workers, not on where the loader started. So the position is all that
/// has to be saved. For use from one thread at a time.
public final class BatchLoader {
  public let batchesPerEpoch: Int
  /// Of the batch that `next()` will return.
  public private(set) var position: LoaderPosition
  private let settings: LoaderSettings
  private let samples: [SampleReference]
  private let prefetcher: Prefetcher<SampleMaker>
  private let local: Range<Int>

  /// - Parameter position: where to go on; costs the same everywhere.
  public init(
    dataSet: PreparedDataSet, tokenizer: any Tokenizer, preprocessing: Preprocessing, settings: LoaderSettings,
    position: LoaderPosition = LoaderPosition()
  ) throws(BatchingError) {
    try settings.check()
    let samples = try dataSet.samples(split: settings.split)
    guard !samples.isEmpty else { throw .emptySplit(path: dataSet.path, split: settings.split) }
    try dataSet.require(frames: settings.frames, of: settings.columns, split: settings.split)
    let batchesPerEpoch = samples.count / settings.globalBatch
    guard batchesPerEpoch > 0 else {
      throw .batchTooLarge(batch: settings.globalBatch, split: settings.split, samples: samples.count)
    }
    guard (0..<Int(Int32.max)).contains(position.epoch), (0..<batchesPerEpoch).contains(position.batch) else {
      throw .position(epoch: position.epoch, batch: position.batch, batchesPerEpoch: batchesPerEpoch)
    }
    let maker = SampleMaker(
      dataSet, samples, tokenizer: tokenizer, preprocessing: preprocessing, training: settings)
    let local = share(of: settings.globalBatch, rank: settings.rank, ranks: settings.ranks)
    let first = position.epoch * batchesPerEpoch + position.batch
    prefetcher = try Prefetcher(
      maker: maker, workers: settings.workers, ahead: settings.prefetch, largestBatch: local.count
    ) { number in
      let (epoch, batch) = (first + number).quotientAndRemainder(dividingBy: batchesPerEpoch)
      let order = settings.order(count: samples.count, epoch: epoch)
      return local.map { SampleTask(index: order[batch * settings.globalBatch + $0], epoch: epoch) }
    }
    self.settings = settings
    self.samples = samples
    self.local = local
    self.batchesPerEpoch = batchesPerEpoch
    self.position = position
  }

  /// The samples of the whole global batch at a position, in its order; they are not made.
  public func keys(at position: LoaderPosition) -> [String] {
    let order = settings.order(count: samples.count, epoch: position.epoch)
    return (0..<settings.globalBatch).map { samples[order[position.batch * settings.globalBatch + $0]].key }
  }

  /// The next batch; waits for it where it is not ready.
  ///
  /// - Throws: an error that names the sample which could not be made. The position then stays.
  public func next() throws(BatchingError) -> Batch {
    guard let made = try prefetcher.next() else { preconditionFailure("training batches do not end") }
    let batch = Batch(
      position: position, globalCount: settings.globalBatch, firstIndex: local.lowerBound,
      columns: BatchColumns(made.made, pixels: made.pixels, clips: settings.clips, settings.columns),
      photoIdentity: made.tasks.map { samples[$0.index].imageIdentity },
      keys: made.tasks.map { samples[$0.index].key }, samples: made.tasks.map(\.index))
    position.batch += 1
    if position.batch == batchesPerEpoch { position = LoaderPosition(epoch: position.epoch + 1) }
    return batch
  }
}

extension SampleMaker {
  /// Of training.
  init(
    _ dataSet: PreparedDataSet, _ samples: [SampleReference], tokenizer: any Tokenizer,
    preprocessing: Preprocessing, training settings: LoaderSettings
  ) {
    self.init(
      dataSet: dataSet, samples: samples, wanted: settings.columns, required: settings.columnsOfEachSample,
      tokenizer: tokenizer, contextLength: settings.contextLength, regionLimits: settings.regionLimits,
      preprocessing: preprocessing,
      augmentation: settings.augmentation, decoding: settings.decoding, values: .one(settings.choice),
      seed: settings.seed)
    (photosMayBeAbsent, frames) = (settings.photosMayBeAbsent, settings.frames)
    hear(settings.clips, ifIn: settings.columns)
    (mixUp, wordDrop) = (settings.mixUp, settings.wordDrop)
  }
}
