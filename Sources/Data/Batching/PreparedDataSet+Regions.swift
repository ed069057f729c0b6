internal import Files

extension PreparedDataSet {
  /// A sample's regions, from the members that its record names; nil where it has none.
  ///
  /// - Throws: `BatchingError.record` for members that do not lie in the sample's shard, `NPYError` for what is no regions.
  public func regions(_ sample: SampleReference) throws -> RegionFeatures? {
    let record = try decodeRecord(sample) { try SampleRegions.decoded($0) }
    try check(key: record.key, sample)
    guard let places = record.regions, !places.isEmpty else { return nil }
    return try RegionFeatures(place: shards[sample.shard].path + "/" + sample.key) { member in
      try places[member].map { try bytes(of: member, at: $0, sample) }
    }
  }

  /// The regions of the photo that was called so, with or without folders, in the archive that it came from; nil where there is
  /// no such photo, or it has none.
  public func regions(ofPhoto name: String) throws -> RegionFeatures? {
    for split in manifest.splits {
      for sample in try samples(split: split.name)
      where lastComponent(of: try record(sample).fileName) == lastComponent(of: name) { return try regions(sample) }
    }
    return nil
  }

  private func bytes(of member: RegionMember, at place: MemberPlace, _ sample: SampleReference) throws -> [UInt8] {
    let shard = shards[sample.shard]
    guard let range = place.range(in: shard.bytes.count, limit: RegionMember.maximumBytes) else {
      throw BatchingError.record(
        path: shard.path, key: sample.key, reason: "\(member.rawValue) lies outside the shard, or is too long")
    }
    return withExtendedLifetime(shard) { Array(slice(shard.bytes, range.lowerBound, range.count)) }
  }
}
