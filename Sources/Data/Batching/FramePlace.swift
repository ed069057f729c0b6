internal import Images

/// A frame of a video behind its first, which is the sample's photo: where its file's bytes lie in the shard, and its size as it is
/// shown, in pixels.
public struct FramePlace: Codable, Equatable, Sendable {
  public let offset: Int
  public let bytes: Int
  public let width: Int
  public let height: Int

  var place: MemberPlace { MemberPlace(offset: offset, bytes: bytes) }

  /// What decoding it may cost.
  var limits: PictureLimits { PictureLimits(admitting: width, height) }

  /// The most frames of a video.
  public static let maximumCount = 1024
  /// The largest file of a frame.
  static let maximumBytes = 1 << 30
}

/// A frame that is to be written behind the first.
public struct PreparedFrame: Sendable {
  public let file: [UInt8]
  public let width: Int
  public let height: Int

  /// - Parameters:
  ///   - file: its bytes, of a format that is read here; they are stored as they are.
  ///   - width, height: its size as it is shown (EXIF orientation applied).
  public init(file: [UInt8], width: Int, height: Int) { (self.file, self.width, self.height) = (file, width, height) }
}

/// Which of a video's frames are looked at, where it has more than a model takes: the first, the last and what lies evenly between,
/// in order, as CLIP4Clip has it (Luo et al., 2021: `linspace` over all frames, rounded down).
///
/// - Parameter limit: at least 1; 1 takes the first.
public func chosenFrames(of count: Int, limit: Int) -> [Int] {
  precondition(limit >= 1, "\(limit) frames are none")
  guard count > limit else { return Array(0..<count) }
  guard limit > 1 else { return [0] }
  return (0..<limit).map { $0 * (count - 1) / (limit - 1) }
}
