import Foundation
import TestSupport

/// Tests/Golden/sounds.json, made by sounds.py beside it.
struct SoundGolden: Decodable {
  struct Case: Decodable {
    let name: String
    let file: Data
    let rate: Int
    let channels: Int
    let samples: Data

    var bytes: [UInt8] { Array(file) }
    var values: [Float] { floats(samples) }
  }

  let files: [Case]

  static func load() throws -> [Case] {
    let file = try Data(contentsOf: URL(filePath: goldenDirectory + "/sounds.json"))
    return try JSONDecoder().decode(SoundGolden.self, from: file).files
  }

  static func file(_ name: String) throws -> [UInt8] {
    guard let found = try load().first(where: { $0.name == name }) else { throw CocoaError(.fileNoSuchFile) }
    return found.bytes
  }
}

/// Raw fp32 as numbers.
func floats(_ data: Data) -> [Float] {
  let bytes = Array(data)
  return bytes.withUnsafeBytes { raw in
    (0..<(bytes.count / 4)).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
  }
}
