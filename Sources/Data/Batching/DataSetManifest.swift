internal import FoundationEssentials

/// `manifest.json`: what a prepared data set holds and where it came from. Written last; its hash stands for the whole
/// set, since it holds the hashes of all other files.
public struct DataSetManifest: Codable, Equatable, Sendable {
  /// The latest version of the format. Sets without videos are written as version 3, and those without clips whose samples all have
  /// photos as version 2, which programs read that know no others.
  public static let currentVersion = framesVersion
  /// From which on a sample may have clips, or no photo.
  static let clipsVersion = 3
  /// From which on a sample may have several frames in the place of a photo.
  static let framesVersion = 4
  /// The versions that are read. Version 1 had no columns but image and captions, and did not count them; version 2 had no
  /// clips, and a photo in each sample; version 3 had one photo a sample at most.
  static let readVersions = 1...currentVersion
  static let formatName = "mmtrain-prepared"

  public var format: String
  public var version: Int
  public var description: DataSetDescription
  /// In the order of the index.
  public var splits: [Split]
  /// Numbered from 0 in this order by the index.
  public var shards: [Shard]
  /// Every other file but the manifest itself: the index, pairs, tokenizer, reports.
  public var files: [SideFile]

  public struct Split: Codable, Equatable, Sendable {
    public var name: String
    public var samples: Int
    /// Captions of all samples together.
    public var captions: Int
    /// Every column that samples have, in the order in which columns are listed; nil in version 1.
    public var columns: [ColumnCount]?

    /// What the split has. Of version 1 it is what that could hold: photos, and captions of each.
    public var columnCounts: [ColumnCount] {
      if let columns { return columns }
      let image = ColumnCount(column: .image, samples: samples, values: samples)
      let text = ColumnCount(column: .captions, samples: min(samples, captions), values: captions)
      return [image, text].filter { $0.samples > 0 }
    }
  }

  public struct Shard: Codable, Equatable, Sendable {
    /// Relative to the data set's directory, as `shards/train-000000.tar`.
    public var file: String
    public var split: String
    public var samples: Int
    public var bytes: Int
    public var sha256: String
  }

  public struct SideFile: Codable, Equatable, Sendable {
    public var file: String
    public var bytes: Int
    public var sha256: String
  }

  /// The side file called `name`, if there is one.
  public func file(_ name: String) -> SideFile? { files.first { $0.file == name } }
}

/// Where the data came from.
public struct DataSetDescription: Codable, Equatable, Sendable {
  public var name: String
  /// The archive's file name, or the folder's.
  public var source: String?
  public var sourceSHA256: String?
  public var licence: String?
  /// The caption file that was taken.
  public var captionFile: String?
  /// How the splits were decided: a list, Karpathy JSON, a seeded hash.
  public var splitSource: String?

  public init(
    name: String, source: String? = nil, sourceSHA256: String? = nil, licence: String? = nil,
    captionFile: String? = nil, splitSource: String? = nil
  ) {
    self.name = name
    self.source = source
    self.sourceSHA256 = sourceSHA256
    self.licence = licence
    self.captionFile = captionFile
    self.splitSource = splitSource
  }

  enum CodingKeys: String, CodingKey {
    case name, source, licence
    case sourceSHA256 = "source_sha256"
    case captionFile = "caption_file"
    case splitSource = "split_source"
  }
}

extension DataSetManifest {
  /// The manifest as bytes: keys sorted, so that equal manifests are equal bytes.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  /// Reads and checks a manifest. - Parameter path: for messages.
  static func decoded(_ bytes: [UInt8], path: String) throws(BatchingError) -> DataSetManifest {
    struct Head: Codable {
      var format: String
      var version: Int
    }
    let decoder = JSONDecoder()
    guard let head = try? decoder.decode(Head.self, from: Data(bytes)), head.format == formatName else {
      throw .manifest(path: path, reason: "not the manifest of a prepared data set")
    }
    guard readVersions.contains(head.version) else {
      throw .formatVersion(path: path, found: head.version, supported: currentVersion)
    }
    let manifest: DataSetManifest
    do {
      manifest = try decoder.decode(DataSetManifest.self, from: Data(bytes))
    } catch {
      throw .manifest(path: path, reason: describe(error))
    }
    if let reason = manifest.fault() { throw .manifest(path: path, reason: reason) }
    return manifest
  }

  /// What is wrong with the manifest by itself, or nil.
  private func fault() -> String? {
    if let split = splits.first(where: { !isValidSplitName($0.name) || $0.samples < 0 || $0.captions < 0 }) {
      return "split \(printableName(split.name)) is not valid"
    }
    if let split = splits.first(where: { !$0.hasSoundColumns(version: version) }) {
      return "the columns of split \(split.name) are not valid"
    }
    if Set(splits.map(\.name)).count != splits.count { return "a split occurs twice" }
    for shard in shards where !Self.isShardName(shard.file) || shard.samples < 0 || shard.bytes < 0 {
      return "shard \(printableName(shard.file)) is not valid"
    }
    if Set(shards.map(\.file)).count != shards.count { return "a shard occurs twice" }
    for file in files where !Self.isSideFileName(file.file) || file.bytes < 0 {
      return "file \(printableName(file.file)) is not valid"
    }
    if Set(files.map(\.file)).count != files.count { return "a file occurs twice" }
    for split in splits {
      let inShards = shards.filter { $0.split == split.name }.reduce(into: (sum: 0, overflow: false)) {
        let (sum, overflow) = $0.sum.addingReportingOverflow($1.samples)
        $0 = (sum, $0.overflow || overflow)
      }
      if inShards.overflow || inShards.sum != split.samples {
        return "split \(split.name) has \(split.samples) samples, its shards \(inShards.sum)"
      }
    }
    guard shards.allSatisfy({ shard in splits.contains { $0.name == shard.split } }) else {
      return "a shard belongs to no split"
    }
    return file(IndexFile.name) == nil ? "\(IndexFile.name) is not listed" : nil
  }

  /// `shards/NAME.tar` with a plain NAME: nothing that could lead out of the directory.
  static func isShardName(_ path: String) -> Bool {
    path.hasPrefix("shards/") && path.hasSuffix(".tar") && SampleKey.isValid(path.dropFirst(7).dropLast(4))
  }

  /// A plain name with one dot, other than the manifest's.
  static func isSideFileName(_ name: String) -> Bool {
    let parts = name.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return parts.count == 2 && parts.allSatisfy { SampleKey.isValid(String(decoding: $0, as: UTF8.self)) }
      && name != PreparedDataSet.manifestName
  }
}

extension DataSetManifest.Split {
  /// Whether the columns are listed as the format wants it: in order, each once, with counts that can be.
  fileprivate func hasSoundColumns(version: Int) -> Bool {
    guard let columns else { return version == 1 }
    let isInOrder = zip(columns, columns.dropFirst()).allSatisfy { $0.column < $1.column }
    let counted = columns.first { $0.column == .captions }?.values ?? 0
    return version > 1 && isInOrder && counted == captions
      && columns.allSatisfy { (1...max(1, samples)).contains($0.samples) && $0.values > 0 }
  }
}
