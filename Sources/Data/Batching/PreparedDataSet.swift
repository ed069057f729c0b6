internal import Files

/// A prepared data set, opened for reading: photos and records at random access, straight from mapped shards.
///
/// Opening reads the manifest and the index and checks them against each other and against the shards' sizes; the
/// shards' own hashes take a pass over all bytes and are checked by `verify`. Any thread may read.
public struct PreparedDataSet: Sendable {
  static let manifestName = "manifest.json"
  private static let maximumManifestBytes = 64 << 20

  public let path: String
  public let manifest: DataSetManifest
  /// SHA-256 of the manifest, hence of everything in the set: two runs with equal fingerprints saw the same data.
  public let fingerprint: String
  let shards: [MappedFile]
  private let samples: [[SampleReference]]

  /// Whether there is one, or what calls itself so.
  public static func isThere(at path: String) -> Bool { fileExists(path + "/" + manifestName) }

  /// Opens the directory `path`.
  public init(path: String) throws {
    self.path = path
    let manifestPath = path + "/" + Self.manifestName
    guard Self.isThere(at: path) else { throw BatchingError.notPrepared(path: path) }
    let bytes = try readFile(manifestPath, limit: Self.maximumManifestBytes)
    let manifest = try DataSetManifest.decoded(bytes, path: manifestPath)
    self.manifest = manifest
    fingerprint = sha256(bytes)
    samples = try Self.withChecked(IndexFile.name, of: manifest, in: path) {
      try IndexFile.parse($0, manifest: manifest, path: $1)
    }
    shards = try manifest.shards.map { shard in
      let file = try MappedFile(path + "/" + shard.file)
      guard file.bytes.count == shard.bytes else {
        throw BatchingError.unexpectedSize(path: file.path, expected: shard.bytes, actual: file.bytes.count)
      }
      return file
    }
  }

  /// The samples of a split, in the order of their file names' bytes.
  public func samples(split: String) throws(BatchingError) -> [SampleReference] {
    guard let position = manifest.splits.firstIndex(where: { $0.name == split }) else {
      throw .unknownSplit(path: path, split: split, available: manifest.splits.map(\.name))
    }
    return samples[position]
  }

  /// Lends the bytes of a sample's photo: no copy, valid within `body`.
  public func withImageBytes<Result>(
    _ sample: SampleReference, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(shards[sample.shard]) { shard in
      try body(slice(shard.bytes, sample.imageOffset, sample.imageBytes))
    }
  }

  /// Everything that is known about a sample.
  public func record(_ sample: SampleReference) throws -> SampleRecord {
    let record = try decodeRecord(sample) { try SampleRecord.decoded($0) }
    try check(key: record.key, sample)
    return record
  }

  /// A sample's captions, in their order in the source.
  public func captions(_ sample: SampleReference) throws -> [String] {
    let record = try decodeRecord(sample) { try SampleCaptions.decoded($0) }
    try check(key: record.key, sample)
    return record.captions ?? []
  }

  /// Those of a sample's columns that are wanted, and its captions if they are; the others stay empty and cost nothing.
  public func columns(
    _ wanted: ColumnSet, of sample: SampleReference
  ) throws -> (captions: [String], columns: SampleColumns) {
    let record = try decodeRecord(sample) { try WantedColumns.decoded($0, wanted) }
    try check(key: record.key, sample)
    return (record.captions, record.columns)
  }

  /// The labelled photo–text pairs of a split; none where the set has none.
  public func labelledPairs(split: String) throws -> [LabelledPair] {
    let keys = Set(try samples(split: split).map(\.key))
    guard manifest.file(PairsFile.name) != nil else { return [] }
    return try Self.withChecked(PairsFile.name, of: manifest, in: path) {
      try PairsFile.parse($0, split: split, keys: keys, path: $1)
    }
  }

  /// A file that lies beside the shards, such as `tokenizer.json`, its hash checked; nil where the set has none.
  public func sideFile(_ name: String) throws -> [UInt8]? {
    guard manifest.file(name) != nil else { return nil }
    return try Self.withChecked(name, of: manifest, in: path) { bytes, _ in Array(bytes) }
  }

  /// Lends the bytes of a file beside the shards, whose size and hash are those of the manifest, and its path.
  static func withChecked<Result>(
    _ name: String, of manifest: DataSetManifest, in directory: String,
    _ body: (UnsafeRawBufferPointer, String) throws -> Result
  ) throws -> Result {
    guard let expected = manifest.file(name) else { throw BatchingError.badFileName(name) }
    let file = try MappedFile(directory + "/" + name)
    return try withExtendedLifetime(file) {
      guard file.bytes.count == expected.bytes else {
        throw BatchingError.unexpectedSize(path: file.path, expected: expected.bytes, actual: file.bytes.count)
      }
      let digest = sha256(file.bytes)
      guard digest == expected.sha256 else {
        throw BatchingError.hashMismatch(path: file.path, expected: expected.sha256, actual: digest)
      }
      return try body(file.bytes, file.path)
    }
  }

  func decodeRecord<Record>(
    _ sample: SampleReference, _ decode: (UnsafeRawBufferPointer) throws -> Record
  ) throws -> Record {
    let shard = shards[sample.shard]
    do {
      return try withExtendedLifetime(shard) {
        try decode(slice(shard.bytes, sample.recordOffset, sample.recordBytes))
      }
    } catch {
      throw BatchingError.record(path: shard.path, key: sample.key, reason: describe(error))
    }
  }

  func check(key: String, _ sample: SampleReference) throws(BatchingError) {
    guard key == sample.key else {
      throw .record(
        path: shards[sample.shard].path, key: sample.key, reason: "it belongs to sample \(printableName(key))")
    }
  }

  func slice(_ bytes: UnsafeRawBufferPointer, _ offset: Int, _ count: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + count)])
  }
}
