import Foundation
import Images
import TestSupport

/// Tests/Golden/images.json, made by images.py beside it.
struct Golden: Decodable {
  struct Result: Decodable, Equatable, CustomStringConvertible {
    let width: Int
    let height: Int
    let hash: String
    let head: [UInt8]

    init(_ image: Image) {
      width = image.width
      height = image.height
      hash = fnv(image.pixels)
      head = Array(image.pixels.prefix(12))
    }

    var description: String { "\(width)x\(height) \(hash) \(head)" }
  }
  struct Resize: Decodable {
    let source: [Int], target: [Int], box: [Double]?, filter: ResizeFilter
    /// Of Pillow as it is, and of each order of the passes.
    let result: Result, rowsFirst: Result, columnsFirst: Result
  }
  struct Evaluation: Decodable { let source: [Int], size: Int, filter: ResizeFilter, result: Result }
  /// - configuration: the processor's file; side: what it resizes to where that is more than it keeps.
  struct Processed: Decodable { let source: [Int], configuration: String, side: Int?, result: Result }
  struct Crop: Decodable { let source: [Int], box: [Int], size: Int, result: Result }
  struct Colour: Decodable { let picture: String, change: String, factor: Float, result: Result }
  struct JPEG: Decodable {
    let name: String
    let jpeg: Data
    let result: Result
    var bytes: [UInt8] { Array(jpeg) }
  }

  let resize: [Resize]
  let evaluation: [Evaluation]
  let squash: [Evaluation]
  let processed: [Processed]
  let crop: [Crop]
  let colour: [Colour]
  let jpeg: [JPEG]
  let processor: String

  static func load() throws -> Golden {
    let file = try Data(contentsOf: URL(filePath: goldenDirectory + "/images.json"))
    return try JSONDecoder().decode(Golden.self, from: file)
  }

  func jpeg(_ name: String) throws -> [UInt8] {
    guard let found = jpeg.first(where: { $0.name == name }) else { throw CocoaError(.fileNoSuchFile) }
    return found.bytes
  }
}

/// 64-bit FNV-1a, in hexadecimal.
func fnv(_ bytes: [UInt8]) -> String {
  var hash: UInt64 = 0xCBF2_9CE4_8422_2325
  for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
  let digits = String(hash, radix: 16)
  return String(repeating: "0", count: 16 - digits.count) + digits
}
