import Foundation
import TestSupport

/// The developers' real data beside the repository; tests that need it are skipped without it.
enum Shared {
  static let root = sharedDirectory ?? "shared is not here"
  static let isThere = FileManager.default.fileExists(atPath: root + "/data/golden/clip-preprocess/index.csv")
  static let golden = root + "/data/golden/clip-preprocess/"
  static let photos = root + "/data/coco-mini/images/"

  static func bytes(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

  /// The payload of a version 1 .npy file.
  static func array(_ path: String) throws -> ArraySlice<UInt8> {
    let file = try bytes(path)
    return file[(10 + Int(file[8]) + Int(file[9]) << 8)...]
  }
}

extension Shared {
  static func floats(_ path: String) throws -> [Float] {
    let bytes = Array(try array(path))
    return bytes.withUnsafeBytes { raw in
      (0..<(bytes.count / 4)).map { raw.loadUnaligned(fromByteOffset: $0 * 4, as: Float.self) }
    }
  }
}
