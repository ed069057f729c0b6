import Foundation
import Images
import TestSupport

/// Tests/Golden/pictures.json, made by pictures.py beside it.
struct PictureGolden: Decodable {
  struct Case: Decodable {
    let name: String
    let file: Data
    let result: Golden.Result
    var bytes: [UInt8] { Array(file) }
  }

  let png: [Case]
  let orientation: [Case]
  let webp: [Case]

  static func load() throws -> PictureGolden {
    let file = try Data(contentsOf: URL(filePath: goldenDirectory + "/pictures.json"))
    return try JSONDecoder().decode(PictureGolden.self, from: file)
  }

  static func png(_ name: String) throws -> [UInt8] { try load().png.bytes(name) }
  static func webp(_ name: String) throws -> [UInt8] { try load().webp.bytes(name) }
}

extension [PictureGolden.Case] {
  func bytes(_ name: String) throws -> [UInt8] {
    guard let found = first(where: { $0.name == name }) else { throw CocoaError(.fileNoSuchFile) }
    return found.bytes
  }
}

/// The header alone.
func header(_ bytes: [UInt8], limits: PictureLimits = .init()) throws -> PictureHeader {
  try bytes.withUnsafeBytes { try readPictureHeader($0, limits: limits) }
}
