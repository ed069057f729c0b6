public import Audio
internal import Files

extension PreparedDataSet {
  /// Lends the bytes of a sample's clip, and says what it is; nil where the sample has none.
  ///
  /// - Throws: `BatchingError.record` for a clip that does not lie in the sample's shard, and what `body` throws.
  public func withClip<Result>(
    _ sample: SampleReference, _ body: (UnsafeRawBufferPointer, ClipPlace) throws -> Result
  ) throws -> Result? {
    let record = try decodeRecord(sample) { try SampleClip.decoded($0) }
    try check(key: record.key, sample)
    guard let clip = record.audio else { return nil }
    let shard = shards[sample.shard]
    guard let range = clip.place.range(in: shard.bytes.count, limit: ClipPlace.maximumBytes) else {
      throw BatchingError.record(
        path: shard.path, key: sample.key, reason: "its clip lies outside the shard, or is too long")
    }
    return try withExtendedLifetime(shard) { try body(slice(shard.bytes, range.lowerBound, range.count), clip) }
  }

  /// A sample's clip as it is, decoded; nil where it has none.
  public func sound(of sample: SampleReference) throws -> Waveform? {
    try withClip(sample) { bytes, _ in try decodeSound(bytes) }
  }

  /// How many clips a split has, and how many of them are longer than what is heard of one.
  /// - Parameter seconds: of a clip, at most.
  public func clipCounts(split: String, longerThan seconds: Double) throws -> (all: Int, longer: Int) {
    var counts = (all: 0, longer: 0)
    for sample in try samples(split: split) {
      guard let clip = try withClip(sample, { $1 }) else { continue }
      counts.all += 1
      if Double(clip.frames) > seconds * Double(clip.rate) { counts.longer += 1 }
    }
    return counts
  }
}
