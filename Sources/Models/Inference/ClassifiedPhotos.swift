internal import Archives
public import Batching
internal import Reporting

/// Photos, or clips, whose classes are known.
public struct ClassifiedPhotos: Sendable {
  /// A class: how the data name it, and the words that describe it.
  public struct Class: Sendable, Equatable {
    public var key: String
    public var words: String
  }

  public let photos: any PhotoCollection
  public private(set) var classes: [Class]
  /// The class of each photo.
  public private(set) var labels: [Int]

  /// A folder or a zip archive in which each photo lies in a folder named after its class, or a prepared data set whose
  /// records have one class of one label, or a `label` among their details. Classes are in the order of their names' bytes.
  /// - Parameters:
  ///   - split: of a prepared set; nil takes all.
  ///   - kind: nil takes photos, unless there are clips and no photo.
  /// - Throws: `FileError`, `ArchiveError`, `BatchingError`, `InferenceError`.
  public init(at path: String, split: String? = nil, _ kind: MediaKind? = nil) throws {
    photos = try photoCollection(at: path, split: split, kind)
    let keys: [String]
    if let prepared = photos as? SplitPhotos {
      keys = try Self.labels(of: prepared, path)
    } else {
      keys = try photos.names.map { try Self.folder(of: $0, path) }
    }
    // By their bytes: names that are the same letters otherwise composed are two folders.
    let names = Set(keys.map { Array($0.utf8) }).map { String(decoding: $0, as: UTF8.self) }.sorted(by: byteOrder)
    var place: [[UInt8]: Int] = [:]
    for (index, name) in names.enumerated() { place[Array(name.utf8)] = index }
    classes = names.map { Class(key: $0, words: $0.replacing("_", with: " ")) }
    labels = keys.map { place[Array($0.utf8)] ?? 0 }
  }

  private static func folder(of name: String, _ path: String) throws -> String {
    let parts = name.split(separator: "/")
    guard parts.count >= 2 else { throw InferenceError.photoWithoutClass(path: path, photo: name) }
    return String(parts[parts.count - 2])
  }

  private static func labels(of photos: SplitPhotos, _ path: String) throws -> [String] {
    try photos.samples.map { sample in
      let record = try photos.dataSet.record(sample)
      if record.columns.labels.count == 1, let classes = record.columns.labels.values.first, classes.count == 1 {
        return classes[0]
      }
      guard case .object(let details) = record.details, case .string(let label) = details["label"] else {
        throw InferenceError.noLabels(path: path)
      }
      return label
    }
  }
}

extension ClassifiedPhotos {
  /// Gives the classes the words of a file: `KEY<TAB>WORDS` a line, where further classes may be named that no photo has;
  /// or only the words, a line for each class in order.
  /// - Throws: `InferenceError.badClasses`, and what `readTexts` throws.
  public mutating func describe(byFile path: String) throws {
    let lines = try readTexts(path)
    guard lines.contains(where: { $0.contains("\t") }) else {
      guard lines.count == classes.count else {
        throw InferenceError.badClasses(
          path: path,
          problem: "\(lines.count) lines for \(classes.count) classes (\(classes.map(\.key).joined(separator: ", "))); "
            + "write a line for each, or NAME<TAB>WORDS")
      }
      for (index, words) in lines.enumerated() { classes[index].words = words }
      return
    }
    try describe(
      lines.map { line in
        let parts = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
          throw InferenceError.badClasses(path: path, problem: "\"\(line)\" is no NAME<TAB>WORDS")
        }
        return Class(key: String(parts[0]), words: String(parts[1]))
      }, path)
  }

  private mutating func describe(_ described: [Class], _ path: String) throws {
    var place: [String: Int] = [:]
    for (index, known) in described.enumerated() {
      guard place.updateValue(index, forKey: known.key) == nil else {
        throw InferenceError.badClasses(path: path, problem: "the class \"\(known.key)\" is there twice")
      }
    }
    let missing = classes.filter { place[$0.key] == nil }
    guard missing.isEmpty else {
      throw InferenceError.badClasses(
        path: path, problem: "no line for \(missing.map(\.key).joined(separator: ", "))")
    }
    labels = labels.map { place[classes[$0].key] ?? 0 }
    classes = described
  }
}
