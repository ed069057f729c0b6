internal import Files

/// Opens a folder, an archive or a single file as a source. What a file is decide its first bytes, not its name.
///
/// Zip and tar archives are read where they lie. A gzipped tar has no way to its middle, so it is unpacked first.
///
/// - Parameters:
///   - takesFiles: a text file of a caption file's kind (JSON, CSV, …) then is a source of one file.
///   - encoding: how names in archives are read that are not UTF-8; nil guesses, with a word in the source's notes.
///   - unpacking: where gzipped archives are unpacked; without it they are refused.
///   - progress: called while unpacking with how many bytes are done, of how many.
/// - Throws: `FileError` where there is nothing, `ArchiveError` for what is no archive, damaged or hostile.
public func openSource(
  _ path: String, takesFiles: Bool = false, limits: ArchiveLimits = ArchiveLimits(),
  encoding: NameEncoding? = nil, unpacking: UnpackingDirectory? = nil,
  progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }
) throws -> any FileSource {
  if isDirectory(path) { return try FolderSource(path: path) }
  switch try archiveKind(path) {
  case .zip: return try ArchiveSource(path: path, limits: limits, encoding: encoding)
  case .tar: return try TarSource(path: path, limits: limits, encoding: encoding)
  case .gzip:
    guard let unpacking else { throw ArchiveError.mustBeUnpacked(path: path) }
    let tree = try unpacking.tree(of: path, limits: limits, encoding: encoding, progress: progress)
    return try FolderSource(path: tree.path, notes: tree.notes)
  case nil:
    if takesFiles, isTextName(path) { return try SingleFile(path: path) }
    return try ArchiveSource(path: path, limits: limits, encoding: encoding)
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
