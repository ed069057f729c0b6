public import TensorEngine

/// The videos that a model looks at.
public struct FrameShape: Sendable, Equatable {
  /// S: a frame is [3, S, S].
  public var side: Int
  /// Most frames of a video.
  public var limit: Int

  public init(side: Int, limit: Int) { (self.side, self.limit) = (side, limit) }
}

/// Frames of videos, end to end and never padded, those of each in their order. A photo is a video of one frame.
public struct PackedFrames {
  /// [ΣF, 3, S, S]
  public let pictures: Pictures
  /// Video i has the pictures offsets[i] ..< offsets[i + 1].
  public let offsets: [Int]

  public init(_ pictures: Pictures, offsets: [Int]) {
    precondition(
      offsets.first == 0 && offsets.last == pictures.pixels.shape[0],
      "frames \(pictures.pixels.shape), offsets to \(offsets.last ?? -1)")
    (self.pictures, self.offsets) = (pictures, offsets)
  }

  /// As loaders have them: every video has room for as many frames as any other, of which so many are there.
  /// - Parameters:
  ///   - pixels: of all videos.
  ///   - counts: frames of each; 0 leaves one out.
  ///   - side: S
  public init(_ pixels: UnsafeBufferPointer<Float>, counts: [Int], side: Int, _ engine: Engine) {
    let (frame, room) = (3 * side * side, pixels.count / max(counts.count, 1))
    let all = engine.tensor([counts.reduce(0, +), 3, side, side])
    var (place, offsets) = (0, [0])
    all.withMutableValues { target in
      for (video, count) in counts.enumerated() where count > 0 {
        let own = UnsafeBufferPointer(rebasing: pixels[video * room..<video * room + count * frame])
        _ = UnsafeMutableBufferPointer(rebasing: target[place..<place + own.count]).update(fromContentsOf: own)
        place += own.count
        offsets.append(place / frame)
      }
    }
    self.init(Pictures(pixels: all), offsets: offsets)
  }

  public var count: Int { offsets.count - 1 }

  subscript(videos: Range<Int>) -> PackedFrames {
    let (first, last) = (offsets[videos.lowerBound], offsets[videos.upperBound])
    return PackedFrames(
      pictures[first..<last], offsets: offsets[videos.lowerBound...videos.upperBound].map { $0 - first })
  }
}
