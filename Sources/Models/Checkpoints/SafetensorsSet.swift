internal import Files
internal import Foundation

/// The tensors of a model that lie in one safetensors file, or in several that an index lists; mapped.
public final class SafetensorsSet: Sendable {
  /// The file or the index.
  public let path: String
  /// Of all files, in the order of the files and of their bytes.
  public let entries: [SafetensorsFile.Entry]
  private let files: [SafetensorsFile]
  /// For each name the place of its file.
  private let places: [[UInt8]: Int]

  /// - Parameter path: a `.safetensors` file, or a `….safetensors.index.json` with its files beside it.
  /// - Throws: `SafetensorsError` for a file that is not whole, `CheckpointError.index` for an index that does not
  ///   agree with its files.
  public init(path: String) throws {
    self.path = path
    let index = path.hasSuffix(".json") ? try ShardIndex(path: path) : nil
    files =
      try index.map { index in
        try index.files.map { try SafetensorsFile(path: parentDirectory(of: path) + "/" + $0) }
      } ?? [SafetensorsFile(path: path)]
    var places: [[UInt8]: Int] = [:]
    for (place, file) in files.enumerated() {
      for entry in file.entries {
        guard places.updateValue(place, forKey: Array(entry.name.utf8)) == nil else {
          throw SafetensorsError.duplicateName(path: file.path, name: entry.name)
        }
      }
    }
    self.places = places
    entries = files.flatMap(\.entries)
    try index?.requireAgreement(with: files)
  }

  /// The tensor of that name, compared byte by byte; nil if there is none.
  public func entry(named name: String) -> SafetensorsFile.Entry? {
    places[Array(name.utf8)].flatMap { files[$0].entry(named: name) }
  }

  /// The file that holds a tensor; the first one where there is none of that name, whose errors then name it.
  public func file(of name: String) -> SafetensorsFile { files[places[Array(name.utf8)] ?? 0] }
}

/// `model.safetensors.index.json`: which of several files holds which tensor.
private struct ShardIndex: Decodable {
  private enum CodingKeys: String, CodingKey {
    case weightMap = "weight_map"
  }

  let weightMap: [String: String]
  var path = ""

  private static let fileLimit = 1000

  init(path: String) throws {
    let bytes = try readFile(path, limit: 64 << 20)
    do {
      self = try JSONDecoder().decode(ShardIndex.self, from: Data(bytes))
    } catch {
      throw CheckpointError.index(path: path, problem: "not JSON with a weight_map of names")
    }
    self.path = path
    for name in files where !isBaseName(name) || !name.hasSuffix(".safetensors") {
      throw CheckpointError.index(path: path, problem: "\"\(name)\" is no name of a safetensors file beside it")
    }
    guard (1...Self.fileLimit).contains(files.count) else {
      throw CheckpointError.index(path: path, problem: "it lists \(files.count) files, not 1 … \(Self.fileLimit)")
    }
  }

  init(from decoder: any Decoder) throws {
    weightMap = try decoder.container(keyedBy: CodingKeys.self).decode([String: String].self, forKey: .weightMap)
  }

  /// Each once, sorted by bytes.
  var files: [String] {
    Set(weightMap.values).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
  }

  /// Every tensor is listed with the file that holds it, and nothing else is.
  func requireAgreement(with files: [SafetensorsFile]) throws {
    var count = 0
    for file in files {
      let name = lastComponent(of: file.path)
      for entry in file.entries {
        guard weightMap[entry.name] == name else {
          throw CheckpointError.index(path: path, problem: "it does not say that \(name) holds \"\(entry.name)\"")
        }
        count += 1
      }
    }
    guard count == weightMap.count else {
      throw CheckpointError.index(path: path, problem: "it lists \(weightMap.count) tensors, the files hold \(count)")
    }
  }
}

/// Whether a name leads nowhere else, hidden files apart. By bytes: to Swift a slash with an accent behind it is a character
/// of its own.
private func isBaseName(_ name: String) -> Bool {
  !name.utf8.contains(UInt8(ascii: "/")) && name.utf8.first != UInt8(ascii: ".")
}
