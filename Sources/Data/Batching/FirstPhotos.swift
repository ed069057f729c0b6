public import Images

/// Some of a collection's first photos, or clips.
public struct FirstPhotos: PhotoCollection {
  private let whole: any PhotoCollection
  public let count: Int

  /// - Parameter count: at most; nothing beyond the collection's own is made up.
  public init(_ count: Int, of whole: any PhotoCollection) {
    (self.whole, self.count) = (whole, min(count, whole.count))
  }

  public var kind: MediaKind { whole.kind }
  public var holdsVideos: Bool { whole.holdsVideos }
  public var clips: (any PhotoCollection)? { whole.clips.map { FirstPhotos(count, of: $0) } }
  public func name(at index: Int) -> String { whole.name(at: index) }
  public func isAbsent(at index: Int) -> Bool { whole.isAbsent(at: index) }
  public func limits(at index: Int) -> PictureLimits { whole.limits(at: index) }
  public func requirePhotos() throws { try whole.requirePhotos() }

  public func withBytes(at index: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try whole.withBytes(at: index, body)
  }

  public func withFrames(
    at index: Int, limit: Int, _ body: (Int, UnsafeRawBufferPointer, PictureLimits) throws -> Void
  ) throws -> Int {
    try whole.withFrames(at: index, limit: limit, body)
  }
}
