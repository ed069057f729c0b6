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
    try writer.add(
      image: withImageBytes(sample) { Array($0) }, width: sample.width, height: sample.height, record: record,
      regions: regions, clip: clip)
  }

  /// As it is written again.
  private func clip(of sample: SampleReference) throws -> PreparedClip? {
    try withClip(sample) { bytes, place in
      PreparedClip(file: Array(bytes), as: place)
    }
  }
}
