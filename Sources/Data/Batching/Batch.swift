/// Where a loader stands: the next batch, counted from 0 within its epoch, epochs counted from 0.
public struct LoaderPosition: Codable, Equatable, Sendable {
  public var epoch: Int
  public var batch: Int

  public init(epoch: Int = 0, batch: Int = 0) {
    self.epoch = epoch
    self.batch = batch
  }
}

/// This rank's part of a global batch: b photos, each with one caption.
public struct Batch: Sendable {
  public var position: LoaderPosition
  /// B, the photos of all ranks together.
  public var globalCount: Int
  /// The place of this rank's first photo in the global batch.
  public var firstIndex: Int
  /// b×3×S×S; empty where images are not made.
  public var pixels: PixelBuffer
  /// The captions' ids, start and end tokens included, one caption after the other; nothing is padded.
  public var tokenIds: [Int32]
  /// b+1 places in `tokenIds`: caption i is offsets[i] ..< offsets[i + 1].
  public var offsets: [Int32]
  /// Equal for photos with equal bytes.
  public var photoIdentity: [UInt64]
  /// Equal for captions that say the same (`textIdentity`).
  public var captionIdentity: [UInt64]
  public var keys: [String]
  /// The places of the photos in the split.
  public var samples: [Int]
  /// Which of its photo's captions each one is.
  public var captions: [Int]

  /// b.
  public var count: Int { keys.count }
}

/// Consecutive photos of a split with all their captions, for evaluation: n photos, m captions.
public struct EvaluationChunk: Sendable {
  /// The place of the first photo in the split.
  public var firstIndex: Int
  /// n×3×S×S; empty where images are not made.
  public var pixels: PixelBuffer
  /// The ids of all captions, photo after photo; nothing is padded.
  public var tokenIds: [Int32]
  /// m+1 places in `tokenIds`.
  public var offsets: [Int32]
  /// How many of the m captions belong to each photo.
  public var captionCounts: [Int]
  public var photoIdentity: [UInt64]
  /// Of all m captions.
  public var captionIdentity: [UInt64]
  public var keys: [String]

  /// n.
  public var count: Int { keys.count }
}

/// Token ids one after the other, and where each text begins.
struct PackedTexts {
  var ids: [Int32] = []
  var offsets: [Int32] = [0]

  init(_ texts: some Sequence<[Int32]>) {
    for text in texts {
      ids += text
      offsets.append(Int32(ids.count))
    }
  }
}
