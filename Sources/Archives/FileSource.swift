internal import Files
internal import Glibc

/// A collection of named files: an archive, a folder, or several of them. Names are relative paths with single slashes.
public protocol FileSource: Sendable {
  /// Sorted by their bytes. What operating systems leave behind is not listed.
  var names: [String] { get }
  /// A file's bytes. Any thread may call this.
  func read(_ name: String) throws -> [UInt8]
  /// A file's length in bytes.
  func size(_ name: String) -> Int
}

/// The files of a zip archive, read where they lie.
public struct ArchiveSource: FileSource {
  public let names: [String]
  private let reader: ZipReader

  /// - Throws: what `ZipReader` throws.
  public init(path: String, limits: ArchiveLimits = ArchiveLimits()) throws {
    reader = try ZipReader(path: path, limits: limits)
    names = reader.entries.map(\.name).filter(isContent).sorted(by: byteOrder)
  }

  public func read(_ name: String) throws -> [UInt8] {
    guard let entry = reader.entry(named: name) else { throw ArchiveError.missingEntry(path: reader.path, entry: name) }
    return try reader.read(entry)
  }

  public func size(_ name: String) -> Int { reader.entry(named: name)?.size ?? 0 }
}

/// The files of a folder and, if wanted, of all folders below it.
public struct FolderSource: FileSource {
  public let path: String
  public let names: [String]
  /// Of each name, in the same order. Names that differ in their bytes are two files, also where they are the same letters.
  private let sizes: [Int]

  /// - Throws: `FileError` where there is no such folder, or it cannot be read.
  public init(path: String, isDeep: Bool = true) throws {
    self.path = path
    guard fileExists(path) else { throw FileError.missing(path: path) }
    var walk = FolderWalk(root: path, isDeep: isDeep)
    try walk.visit("")
    let files = walk.files.sorted { byteOrder($0.name, $1.name) }
    (names, sizes) = (files.map(\.name), files.map(\.size))
  }

  public func read(_ name: String) throws -> [UInt8] { try readFile(path + "/" + name) }

  public func size(_ name: String) -> Int { names.place(of: name).map { sizes[$0] } ?? 0 }
}

/// One pass over a folder. Links are followed, but no folder is visited twice.
private struct FolderWalk {
  let root: String
  let isDeep: Bool
  var files: [(name: String, size: Int)] = []
  private var visited: Set<[UInt64]> = []

  init(root: String, isDeep: Bool) {
    self.root = root
    self.isDeep = isDeep
  }

  mutating func visit(_ folder: String) throws {
    let path = folder.isEmpty ? root : root + "/" + folder
    guard let status = status(path), visited.insert([UInt64(status.st_dev), UInt64(status.st_ino)]).inserted else {
      return
    }
    for entry in try directoryEntries(path) {
      let name = folder.isEmpty ? entry : folder + "/" + entry
      guard isContent(name), let status = self.status(root + "/" + name) else { continue }
      switch status.st_mode & S_IFMT {
      case S_IFDIR: if isDeep { try visit(name) }
      case S_IFREG: files.append((name, Int(status.st_size)))
      default: continue
      }
    }
  }

  private func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }
}

/// Whether a file is more than what macOS and Windows leave in archives and folders.
func isContent(_ name: String) -> Bool {
  let components = componentsOfPath(name)
  return !components.contains { $0.utf8.first == UInt8(ascii: ".") || $0 == "__MACOSX" }
    && components.last != "Thumbs.db"
}

/// The order of names by their bytes, the same on every machine.
public func byteOrder(_ a: String, _ b: String) -> Bool { a.utf8.lexicographicallyPrecedes(b.utf8) }

/// The extension of a file's name in lower case, or nothing.
public func extensionOf(_ path: String) -> String {
  let name = lastComponent(of: path)
  return name.lastIndex(of: ".").map { name[name.index(after: $0)...].lowercased() } ?? ""
}

/// Whether a file is a picture by its name; whether it is a JPEG is found out by looking into it.
public func isPictureName(_ path: String) -> Bool {
  ["jpg", "jpeg", "jpe", "jfif", "png", "gif", "webp", "bmp", "tif", "tiff", "heic", "avif"].contains(extensionOf(path))
}
