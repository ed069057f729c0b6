internal import Checkpoints
internal import Files

/// A reference array from a file below `Tests/Golden`.
public struct GoldenArray: Sendable {
  /// Outermost dimension first.
  public var shape: [Int]
  /// Row-major.
  public var values: [Float]
}

/// The named arrays of one reference file.
public struct GoldenFile: Sendable {
  private let file: SafetensorsFile

  /// - Parameter name: relative to `Tests/Golden`, for example `clip/tiny.safetensors`.
  public init(_ name: String) throws {
    let path = goldenDirectory + "/" + name
    guard fileExists(path) else {
      throw GoldenError(description: "\(path) is missing; the scripts in Tests/Golden make these files")
    }
    file = try SafetensorsFile(path: path)
  }

  /// A file that a script wrote elsewhere.
  public init(absolute path: String) throws { file = try SafetensorsFile(path: path) }

  /// In the order of their bytes.
  public var names: [String] { file.entries.map(\.name) }

  /// An F32, F16 or BF16 array.
  public func array(_ name: String) throws -> GoldenArray {
    GoldenArray(shape: file.entry(named: name)?.shape ?? [], values: try file.floats(name))
  }

  /// The values of an F32, F16 or BF16 array.
  public func floats(_ name: String) throws -> [Float] { try file.floats(name) }

  /// The values of an array of integers.
  public func integers(_ name: String) throws -> [Int] { try file.integers(name) }

  /// A string of the file's metadata; nil if it has none of that key.
  public func metadata(_ key: String) -> String? { file.metadata.first { $0.key == key }?.value }
}

struct GoldenError: Error, CustomStringConvertible {
  var description: String
}
