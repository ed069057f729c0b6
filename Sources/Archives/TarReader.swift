internal import Files

/// A regular file in a tar archive.
public struct TarEntry: Sendable, Equatable {
  /// The path in the archive: never absolute, never upwards.
  public let name: String
  /// Where the bytes lie in the tar file.
  public let range: Range<Int>
}

/// An uncompressed tar file, mapped, whose every entry has been checked: safe and distinct names, regular files and
/// directories only, all lengths within the file. Any thread may read.
public struct TarReader: Sendable {
  /// The tar file's path.
  public let path: String
  /// The regular files, in the order of the archive.
  public let entries: [TarEntry]
  private let file: MappedFile

  /// Walks the archive's headers.
  ///
  /// - Throws: `ArchiveError` for what is damaged, hostile or not supported, `FileError` where there is no file.
  public init(path: String, limits: ArchiveLimits = ArchiveLimits()) throws {
    self.path = path
    file = try MappedFile(path)
    var walk = TarWalk(bytes: file.bytes, path: path, limits: limits)
    try walk.run()
    entries = walk.entries
  }

  /// An entry's bytes, which stay valid as long as `body` runs.
  public func withBytes<Result>(of entry: TarEntry, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
    -> Result
  {
    precondition(entry.range.upperBound <= file.bytes.count, "the entry belongs to another archive")
    return try withExtendedLifetime(file) {
      try body(UnsafeRawBufferPointer(rebasing: file.bytes[entry.range]))
    }
  }

  /// A copy of an entry's bytes.
  public func read(_ entry: TarEntry) -> [UInt8] {
    withBytes(of: entry) { Array($0) }
  }
}

/// One pass over the headers.
private struct TarWalk {
  let bytes: UnsafeRawBufferPointer
  let path: String
  var entries: [TarEntry] = []
  private var gates: TarGates
  private var offset = 0

  init(bytes: UnsafeRawBufferPointer, path: String, limits: ArchiveLimits) {
    (self.bytes, self.path, gates) = (bytes, path, TarGates(path: path, limits: limits))
  }

  mutating func run() throws {
    while let header = try nextHeader() {
      let size = try gates.contentSize(header)
      let member = header.isExtension ? nil : try gates.admit(header)
      guard size <= bytes.count - offset else { throw damaged("it ends early", member?.name) }
      let data = offset..<offset + size
      offset = min(bytes.count, data.upperBound + tarPadding(size))
      if header.isExtension {
        try gates.announce(header, Array(bytes[data]))
      } else if let member, !member.isDirectory {
        entries.append(TarEntry(name: member.name, range: data))
      }
    }
    try gates.finish()
    guard bytes[offset...].allSatisfy({ $0 == 0 }) else { throw damaged("more bytes follow its end mark") }
  }

  /// Nil at the end mark, which is a block of zeros.
  private mutating func nextHeader() throws -> TarHeader? {
    guard bytes.count - offset >= tarBlock else { throw damaged(offset == 0 ? nil : "its end mark is missing") }
    let block = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + tarBlock])
    if isTarEnd(block) { return nil }
    guard let header = TarHeader(block) else { throw damaged(offset == 0 ? nil : "a header cannot be read") }
    offset += tarBlock
    return header
  }

  /// - Parameter reason: nil where this is no tar file at all.
  private func damaged(_ reason: String?, _ entry: String? = nil) -> ArchiveError {
    guard let reason else { return .notAnArchive(path: path, kind: "tar", found: kindOfBytes(bytes)) }
    return .damaged(path: path, entry: entry, reason: reason)
  }
}
