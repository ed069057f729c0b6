internal import FoundationEssentials

/// `KEY.json` beside the photo: what is known about one photo.
public struct SampleRecord: Codable, Equatable, Sendable {
  public var key: String
  /// The photo's name in the archive it came from.
  public var fileName: String
  public var split: String
  public var captions: [String]
  /// What the source said beyond captions (questions, boxes, labels); kept, not interpreted.
  public var details: JSONValue?

  public init(key: String, fileName: String, split: String, captions: [String], details: JSONValue? = nil) {
    self.key = key
    self.fileName = fileName
    self.split = split
    self.captions = captions
    self.details = details
  }

  enum CodingKeys: String, CodingKey {
    case key, split, captions, details
    case fileName = "file_name"
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
  var captions: [String]

  static func decoded(_ bytes: UnsafeRawBufferPointer) throws -> SampleCaptions {
    try JSONDecoder().decode(SampleCaptions.self, from: Data(bytes))
  }
}
