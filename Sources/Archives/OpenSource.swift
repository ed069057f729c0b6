internal import Files

/// Opens a folder, an archive or a single file as a source. What a file is decide its first bytes, not its name.
///
/// Zip and tar archives are read where they lie. A gzipped tar has no way to its middle, so it is unpacked first.
///
/// - Parameters:
///   - takesFiles: a text file of a caption file's kind (JSON, CSV, …) then is a source of one file.
///   - unpacking: where gzipped archives are unpacked; without it they are refused.
///   - progress: called while unpacking with how many bytes are done, of how many.
/// - Throws: `FileError` where there is nothing, `ArchiveError` for what is no archive, damaged or hostile.
public func openSource(
  _ path: String, takesFiles: Bool = false, limits: ArchiveLimits = ArchiveLimits(),
  unpacking: UnpackingDirectory? = nil, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws -> any FileSource {
  if isDirectory(path) { return try FolderSource(path: path) }
  switch try archiveKind(path) {
  case .zip: return try ArchiveSource(path: path, limits: limits)
  case .tar: return try TarSource(path: path, limits: limits)
  case .gzip:
    guard let unpacking else { throw ArchiveError.mustBeUnpacked(path: path) }
    return try FolderSource(path: unpacking.tree(of: path, limits: limits, progress: progress))
  case nil:
    return try takesFiles && isTextName(path) ? SingleFile(path: path) : ArchiveSource(path: path, limits: limits)
  }
}

/// Whether a file may hold captions, splits or pairs, by its name.
public func isTextName(_ path: String) -> Bool {
  ["json", "jsonl", "ndjson", "token", "txt", "csv", "tsv", "lst"].contains(extensionOf(path))
}

enum ArchiveKind { case zip, tar, gzip }

/// What the first bytes of a file say that it is; nil for anything else, a zip behind another program's bytes among it.
func archiveKind(_ path: String) throws -> ArchiveKind? {
  let file = try MappedFile(path)
  return withExtendedLifetime(file) {
    let bytes = file.bytes
    if bytes.starts(with: gzipSignature) { return .gzip }
    if [[3, 4], [5, 6]].contains(where: { bytes.starts(with: [0x50, 0x4B] + $0) }) { return .zip }
    guard bytes.count >= tarBlock, !isTarEnd(UnsafeRawBufferPointer(rebasing: bytes[..<tarBlock])),
      TarHeader(UnsafeRawBufferPointer(rebasing: bytes[..<tarBlock])) != nil
    else { return nil }
    return .tar
  }
}

/// The files of a tar archive, read where they lie.
struct TarSource: FileSource {
  let names: [String]
  private let reader: TarReader
  /// Of each name, in the same order.
  private let entries: [TarEntry]

  init(path: String, limits: ArchiveLimits) throws {
    reader = try TarReader(path: path, limits: limits)
    entries = reader.entries.filter { isContent($0.name) }.sorted { byteOrder($0.name, $1.name) }
    names = entries.map(\.name)
  }

  func read(_ name: String) throws -> [UInt8] {
    guard let place = names.place(of: name) else { throw ArchiveError.missingEntry(path: reader.path, entry: name) }
    return reader.read(entries[place])
  }

  func size(_ name: String) -> Int { names.place(of: name).map { entries[$0].range.count } ?? 0 }
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
