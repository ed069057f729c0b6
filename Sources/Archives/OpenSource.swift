internal import Files

/// Opens a folder, an archive or a single file as a source. What a file is decide its first bytes, not its name.
///
/// - Parameter takesFiles: a text file of a caption file's kind (JSON, CSV, …) then is a source of one file.
/// - Throws: `FileError` where there is nothing, `ArchiveError` for what is no archive, damaged or hostile.
public func openSource(
  _ path: String, takesFiles: Bool = false, limits: ArchiveLimits = ArchiveLimits()
) throws -> any FileSource {
  if isDirectory(path) { return try FolderSource(path: path) }
  if takesFiles, isTextName(path) { return try SingleFile(path: path) }
  return try ArchiveSource(path: path, limits: limits)
}

/// Whether a file may hold captions, splits or pairs, by its name.
public func isTextName(_ path: String) -> Bool {
  ["json", "token", "txt", "csv", "tsv", "lst"].contains(extensionOf(path))
}

/// One file as a source, under its base name.
struct SingleFile: FileSource {
  let names: [String]
  private let file: MappedFile

  init(path: String) throws {
    file = try MappedFile(path)
    names = [lastComponent(of: path)]
  }

  func read(_ name: String) throws -> [UInt8] {
    guard name == names[0] else { throw ArchiveError.missingEntry(path: file.path, entry: name) }
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  func size(_ name: String) -> Int { name == names[0] ? file.bytes.count : 0 }
}
