extension PreparedDataSet {
  /// Adds one of the samples to another set, byte for byte but for what its record has lost.
  ///
  /// - Parameters:
  ///   - record: what is to be known of it.
  ///   - columns: those of its photo, its regions and its clip that it is to have.
  package func copy(
    _ sample: SampleReference, as record: SampleRecord, keeping columns: ColumnSet, to writer: PreparedDataSetWriter
  ) throws {
    let clip = columns.contains(.audio) ? try clip(of: sample) : nil
    guard sample.hasPhoto, columns.contains(.image) else { return try writer.add(clip: clip, record: record) }
    let regions = columns.contains(.regions) ? try regions(sample) : nil
    var frames: [PreparedFrame] = []
    let further = try self.frames(of: sample)
    _ = try withFrames(of: sample, limit: FramePlace.maximumCount) { place, bytes, _ in
      guard place > 0 else { return }
      let size = further[place - 1]
      frames.append(PreparedFrame(file: Array(bytes), width: size.width, height: size.height))
    }
    try writer.add(
      image: withImageBytes(sample) { Array($0) }, width: sample.width, height: sample.height, record: record,
      regions: regions, clip: clip, frames: frames)
  }

  /// As it is written again.
  private func clip(of sample: SampleReference) throws -> PreparedClip? {
    try withClip(sample) { bytes, place in
      PreparedClip(file: Array(bytes), as: place)
    }
  }
}
