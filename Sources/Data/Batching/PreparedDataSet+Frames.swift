internal import Files
public import Images

extension PreparedDataSet {
  /// Whether samples of a split have several frames in the place of one photo.
  public func hasFrames(split: String) throws(BatchingError) -> Bool {
    try columnCounts(split: split).contains { $0.column == .image && $0.values > $0.samples }
  }

  /// A sample's frames behind its photo, which is the first; none where it has a photo alone.
  /// - Throws: `BatchingError.record` for one that does not lie in the sample's shard, or for too many.
  public func frames(of sample: SampleReference) throws -> [FramePlace] {
    guard manifest.version >= DataSetManifest.framesVersion, sample.hasPhoto else { return [] }
    let record = try decodeRecord(sample) { try SampleFrames.decoded($0) }
    try check(key: record.key, sample)
    let (frames, shard) = (record.frames ?? [], shards[sample.shard])
    let areSound = frames.allSatisfy {
      $0.place.range(in: shard.bytes.count, limit: FramePlace.maximumBytes) != nil
        && (1...IndexFile.maximumSide).contains($0.width) && (1...IndexFile.maximumSide).contains($0.height)
    }
    guard areSound, frames.count < FramePlace.maximumCount else {
      throw BatchingError.record(
        path: shard.path, key: sample.key,
        reason: "a frame lies outside the shard, or is too large, or there are too many")
    }
    return frames
  }

  /// Lends the bytes of those of a sample's frames that are looked at, one after the other in their order.
  /// - Parameters:
  ///   - limit: frames at most; those evenly between the first and the last stand for more.
  ///   - body: is told a frame's place among those that are looked at, and what decoding it may cost.
  /// - Returns: how many are looked at.
  public func withFrames(
    of sample: SampleReference, limit: Int, _ body: (Int, UnsafeRawBufferPointer, PictureLimits) throws -> Void
  ) throws -> Int {
    let further = try frames(of: sample)
    let chosen = chosenFrames(of: further.count + 1, limit: limit)
    let shard = shards[sample.shard]
    try withExtendedLifetime(shard) {
      for (place, frame) in chosen.enumerated() {
        if frame == 0 {
          try withImageBytes(sample) { try body(place, $0, sample.limits) }
        } else {
          let found = further[frame - 1]
          try body(place, slice(shard.bytes, found.offset, found.bytes), found.limits)
        }
      }
    }
    return chosen.count
  }

  /// How many samples of a split have photos, and how many of them more frames than are looked at.
  public func frameCounts(split: String, limit: Int) throws -> (all: Int, longer: Int) {
    var counts = (all: 0, longer: 0)
    for sample in try samples(split: split) where sample.hasPhoto {
      counts.all += 1
      if try frames(of: sample).count + 1 > limit { counts.longer += 1 }
    }
    return counts
  }

  /// The hash by which equal samples are known: of all frames, in their order, where there are several.
  func identity(of sample: SampleReference) throws -> UInt64 {
    let further = try frames(of: sample)
    let bytes = shards[sample.shard].bytes
    return withImageBytes(sample) { first in
      further.isEmpty
        ? imageIdentity(of: first)
        : framesIdentity([sha256(first)] + further.map { sha256(slice(bytes, $0.offset, $0.bytes)) })
    }
  }
}

/// The first 64 bits of the SHA-256 of the frames' own hashes, one after the other: videos are equal where all frames are.
package func framesIdentity(_ digests: [String]) -> UInt64 {
  Array(digests.joined().utf8).withUnsafeBytes { imageIdentity(of: $0) }
}
