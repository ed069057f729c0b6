internal import Inference

/// The pictures of a page, as many as it has room for.
public struct SplitPictures: Sendable {
  /// Bytes of pictures that a page holds.
  public static let mostBytes = 10 << 20
  /// The longer side of a picture, in pixels.
  public static let side = 256

  private var bytes = 0
  /// Pictures that there was no room for.
  public private(set) var left = 0

  public init() {}

  /// - Parameters:
  ///   - uses: how often it stands on the page.
  ///   - picture: is asked for where there is room.
  mutating func take(uses: Int, _ picture: () -> Thumbnail?) -> Thumbnail? {
    guard bytes < Self.mostBytes, let found = picture() else {
      left += bytes < Self.mostBytes ? 0 : 1
      return nil
    }
    bytes += uses * found.address.utf8.count
    return found
  }
}
