internal import FoundationEssentials

/// `KEY.json` beside the photo: what is known about one photo. Any of its columns may be absent.
public struct SampleRecord: Codable, Equatable, Sendable {
  public var key: String
  /// The photo's name in the archive it came from.
  public var fileName: String
  public var split: String
  public var captions: [String]
  /// Questions, labels, texts, boxes and the group.
  public var columns: SampleColumns
  /// Where in the shard the members lie that hold its regions; none where it has no regions. The writer says it.
  public internal(set) var regions: [RegionMember: MemberPlace] = [:]
  /// Its clip, and where in the shard that lies; the writer says it.
  public internal(set) var clip: ClipPlace?
  /// Frames of a video behind its first, in order; none of a photo. The writer says it.
  public internal(set) var frames: [FramePlace] = []
  /// What the source said beyond its columns; kept, not interpreted.
  public var details: JSONValue?

  public init(
    key: String, fileName: String, split: String, captions: [String] = [], columns: SampleColumns = SampleColumns(),
    details: JSONValue? = nil
  ) {
    self.key = key
    self.fileName = fileName
    self.split = split
    self.captions = captions
    self.columns = columns
    self.details = details
  }

  enum CodingKeys: String, CodingKey {
    case key, split, captions, regions, frames, details
    case clip = "audio"
    case fileName = "file_name"
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    key = try container.decode(String.self, forKey: .key)
    fileName = try container.decode(String.self, forKey: .fileName)
    split = try container.decode(String.self, forKey: .split)
    captions = try container.decodeIfPresent([String].self, forKey: .captions) ?? []
    columns = try SampleColumns(decoder.container(keyedBy: SampleColumns.CodingKeys.self))
    regions = try container.decodeIfPresent([RegionMember: MemberPlace].self, forKey: .regions) ?? [:]
    clip = try container.decodeIfPresent(ClipPlace.self, forKey: .clip)
    frames = try container.decodeIfPresent([FramePlace].self, forKey: .frames) ?? []
    details = try container.decodeIfPresent(JSONValue.self, forKey: .details)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(key, forKey: .key)
    try container.encode(fileName, forKey: .fileName)
    try container.encode(split, forKey: .split)
    if !captions.isEmpty { try container.encode(captions, forKey: .captions) }
    if !regions.isEmpty { try container.encode(regions, forKey: .regions) }
    try container.encodeIfPresent(clip, forKey: .clip)
    if !frames.isEmpty { try container.encode(frames, forKey: .frames) }
    try container.encodeIfPresent(details, forKey: .details)
    var others = encoder.container(keyedBy: SampleColumns.CodingKeys.self)
    try columns.encode(to: &others)
  }

  /// One line of JSON with sorted keys.
  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }

  static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> SampleRecord {
    try JSONDecoder().decode(SampleRecord.self, from: Data(bytes))
  }
}

/// The captions alone, for the loader: the rest of a record is not turned into values.
struct SampleCaptions: Decodable {
  var key: String
  var captions: [String]?

  static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> SampleCaptions {
    try JSONDecoder().decode(SampleCaptions.self, from: Data(bytes))
  }
}

/// Where the regions lie, for their reader: the rest of a record is not turned into values.
struct SampleRegions: Decodable {
  var key: String
  var regions: [RegionMember: MemberPlace]?

  static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> SampleRegions {
    try JSONDecoder().decode(SampleRegions.self, from: Data(bytes))
  }
}

/// Where the clip lies, for its reader: the rest of a record is not turned into values.
struct SampleClip: Decodable {
  var key: String
  var audio: ClipPlace?

  static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> SampleClip {
    try JSONDecoder().decode(SampleClip.self, from: Data(bytes))
  }
}

/// Where the frames behind the first lie, for their reader: the rest of a record is not turned into values.
struct SampleFrames: Decodable {
  var key: String
  var frames: [FramePlace]?

  static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> SampleFrames {
    try JSONDecoder().decode(SampleFrames.self, from: Data(bytes))
  }
}

/// The columns that a task reads: the rest of a record is not turned into values.
struct WantedColumns: DecodableWithConfiguration {
  var key: String
  var captions: [String]
  var columns: SampleColumns

  init(from decoder: any Decoder, configuration wanted: ColumnSet) throws {
    let container = try decoder.container(keyedBy: SampleRecord.CodingKeys.self)
    key = try container.decode(String.self, forKey: .key)
    captions =
      wanted.contains(.captions) ? try container.decodeIfPresent([String].self, forKey: .captions) ?? [] : []
    columns = try SampleColumns(decoder.container(keyedBy: SampleColumns.CodingKeys.self), wanted: wanted)
  }

  static func decoded(_ bytes: UnsafeRawBufferPointer, _ wanted: ColumnSet) throws -> WantedColumns {
    try JSONDecoder().decode(WantedColumns.self, from: Data(bytes), configuration: wanted)
  }
}
