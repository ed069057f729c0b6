internal import Audio
internal import Files

extension PreparedDataSet {
  /// Reads everything and compares every hash and every record with the manifest and the index: minutes for a large
  /// set. - Parameter progress: called with the shards done and their number.
  public func verify(progress: (Int, Int) -> Void = { _, _ in }) throws {
    for file in manifest.files { try Self.withChecked(file.file, of: manifest, in: path) { _, _ in } }
    for (number, shard) in manifest.shards.enumerated() {
      let digest = withExtendedLifetime(shards[number]) { sha256($0.bytes) }
      guard digest == shard.sha256 else {
        throw BatchingError.hashMismatch(path: shards[number].path, expected: shard.sha256, actual: digest)
      }
      progress(number + 1, manifest.shards.count)
    }
    var form = RegionForm()
    for split in manifest.splits {
      var captions = 0
      var tally = ColumnTally()
      for sample in try samples(split: split.name) {
        let record = try verify(sample, split: split.name)
        captions += record.captions.count
        tally.add(
          frames: sample.hasPhoto ? record.frames.count + 1 : 0, captions: record.captions.count, record.columns)
        if try sound(of: sample, as: record.clip) { tally.add(.audio, 1) }
        if let regions = try regions(sample) {
          try agree(regions, with: &form, sample)
          tally.add(.regions, regions.count)
        }
      }
      guard captions == split.captions else {
        throw BatchingError.manifest(
          path: path, reason: "split \(split.name) has \(captions) captions, the manifest says \(split.captions)")
      }
      if let columns = split.columns {
        try compare(columns, with: tally.list, split: split.name)
      }
    }
  }

  /// Whether there is a clip; it must be what its record says.
  private func sound(of sample: SampleReference, as stated: ClipPlace?) throws -> Bool {
    guard let stated else { return false }
    let header = try withClip(sample) { bytes, _ in try readSoundHeader(bytes) }
    guard header?.format == stated.format, header?.rate == stated.rate, header?.channels == stated.channels else {
      throw BatchingError.record(
        path: shards[sample.shard].path, key: sample.key, reason: "its clip is not what the record says it is")
    }
    return true
  }

  private func agree(_ regions: RegionFeatures, with form: inout RegionForm, _ sample: SampleReference) throws {
    do throws(RegionFault) {
      try form.agree(regions)
    } catch {
      throw BatchingError.record(path: shards[sample.shard].path, key: sample.key, reason: error.reason)
    }
  }

  private func compare(_ listed: [ColumnCount], with found: [ColumnCount], split: String) throws(BatchingError) {
    guard let wrong = listed.first(where: { !found.contains($0) }) ?? found.first(where: { !listed.contains($0) })
    else { return }
    let count = found.first { $0.column == wrong.column }
    throw .manifest(
      path: path,
      reason:
        "split \(split) has \(count?.values ?? 0) values of column \(wrong.column.name) in \(count?.samples ?? 0) "
        + "samples, which is not what the manifest says")
  }

  /// Checks one sample, and gives its record.
  private func verify(_ sample: SampleReference, split: String) throws -> SampleRecord {
    let shard = shards[sample.shard].path
    let identity =
      sample.hasPhoto
      ? try identity(of: sample)
      : try withClip(sample) { bytes, _ in imageIdentity(of: bytes) }
        ?? Array(sample.key.utf8).withUnsafeBytes { imageIdentity(of: $0) }
    guard identity == sample.imageIdentity else {
      throw BatchingError.record(path: shard, key: sample.key, reason: "the index has another hash for its photo")
    }
    let record = try record(sample)
    guard record.split == split else {
      throw BatchingError.record(path: shard, key: sample.key, reason: "it belongs to another split than \(split)")
    }
    return record
  }
}

/// The first 64 bits of a photo's SHA-256.
func imageIdentity(of image: UnsafeRawBufferPointer) -> UInt64 {
  identity(sha256(image).utf8.prefix(16)) ?? 0
}
