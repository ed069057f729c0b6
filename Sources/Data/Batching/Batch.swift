/// Where a loader stands: the next batch, counted from 0 within its epoch, epochs counted from 0.
public struct LoaderPosition: Codable, Equatable, Sendable {
  public var epoch: Int
  public var batch: Int

  public init(epoch: Int = 0, batch: Int = 0) {
    self.epoch = epoch
    self.batch = batch
  }
}

/// This rank's part of a global batch: b samples.
public struct Batch: Sendable {
  public var position: LoaderPosition
  /// B, the samples of all ranks together.
  public var globalCount: Int
  /// The place of this rank's first sample in the global batch.
  public var firstIndex: Int
  /// What was asked for; of several captions, questions or boxes of a sample one.
  public var columns: BatchColumns
  /// Equal for samples whose photos have equal bytes, whether or not photos were asked for.
  public var photoIdentity: [UInt64]
  public var keys: [String]
  /// The places of the samples in the split.
  public var samples: [Int]

  /// b.
  public var count: Int { keys.count }
}

/// Consecutive samples of a split, n of them, with all that they have in the columns asked for: for evaluation.
public struct EvaluationChunk: Sendable {
  /// The place of the first sample in the split.
  public var firstIndex: Int
  public var columns: BatchColumns
  /// Equal for samples whose photos have equal bytes.
  public var photoIdentity: [UInt64]
  public var keys: [String]

  /// n.
  public var count: Int { keys.count }
}
