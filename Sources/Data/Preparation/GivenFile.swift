internal import Archives
internal import Files

/// A file that the caller names: on the disk, or, where there is none of that path, in the source's archive.
struct GivenFile {
  let path: String
  let bytes: [UInt8]
  /// Its path in the source, where it lies in there.
  let inSource: String?

  var isOutside: Bool { inSource == nil }

  /// As reports call it.
  var name: String { inSource ?? lastComponent(of: path) }

  init(_ path: String, _ request: PreparationRequest, _ source: any FileSource) throws {
    self.path = path
    let isPacked = !fileExists(path) && source.names.contains(path)
    inSource = isPacked ? path : request.source.folder.flatMap { Self.place(of: path, in: $0) }
    bytes = isPacked ? try source.read(path) : try readFile(path)
  }

  /// The path of a file below a folder; nil where it lies elsewhere.
  private static func place(of path: String, in folder: String) -> String? {
    guard let path = absolutePath(path), let root = absolutePath(folder).map({ $0 + "/" }), path.hasPrefix(root) else {
      return nil
    }
    return String(path.dropFirst(root.count))
  }
}

/// A caption file that the caller names.
struct GivenCaptions {
  let given: GivenFile
  let file: CaptionFile

  init(_ given: GivenFile, _ choice: CaptionTableChoice, isPhoto: @escaping (String) -> Bool) throws {
    self.given = given
    var file = try captionFile(given.bytes, path: given.name, choice: choice, isPhoto: isPhoto)
    file.folder = parentFolder(of: given.name)
    self.file = file
  }
}
