public import Images

/// Where one sample lies in the shards: one line of `index.tsv`.
public struct SampleReference: Equatable, Sendable {
  public var key: String
  /// Number of the shard in the manifest.
  public var shard: Int
  /// Where the photo's bytes begin in the shard, and how many they are; 0 for a sample without a photo.
  public var imageOffset: Int
  public var imageBytes: Int
  /// The same for the record.
  public var recordOffset: Int
  public var recordBytes: Int
  /// Size of the photo as it is shown: after the turn that its EXIF orientation asks for. 0 for a sample without a photo.
  public var width: Int
  public var height: Int
  /// The first 64 bits of the SHA-256 of the photo's bytes, or of the clip's for a sample without a photo, or of the key for
  /// one that has neither. Photos with equal bytes are the same photo, whatever their names.
  public var imageIdentity: UInt64

  public init(
    key: String, shard: Int, imageOffset: Int, imageBytes: Int, recordOffset: Int, recordBytes: Int, width: Int,
    height: Int, imageIdentity: UInt64
  ) {
    self.key = key
    self.shard = shard
    self.imageOffset = imageOffset
    self.imageBytes = imageBytes
    self.recordOffset = recordOffset
    self.recordBytes = recordBytes
    self.width = width
    self.height = height
    self.imageIdentity = imageIdentity
  }
  /// Whether there is a photo.
  public var hasPhoto: Bool { imageBytes > 0 }

  /// What decoding the photo may cost. A size that preparation let in counts, whatever its limit was.
  public var limits: PictureLimits { PictureLimits(admitting: width, height) }
}
