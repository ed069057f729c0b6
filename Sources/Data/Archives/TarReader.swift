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
  /// What was decided about the archive, in words.
  public let notes: [String]
  private let file: MappedFile

  /// Walks the archive's headers.
  ///
  /// - Parameter encoding: how names are read that are not UTF-8; nil guesses.
  /// - Throws: `ArchiveError` for what is damaged, hostile or not supported, `FileError` where there is no file.
  public init(path: String, limits: ArchiveLimits = ArchiveLimits(), encoding: NameEncoding? = nil) throws {
    self.path = path
    file = try MappedFile(path)
    var walk = TarWalk(bytes: file.bytes, gates: TarGates(path: path, limits: limits, encoding: encoding))
    try walk.run()
    entries = lastOfEach(walk.entries, \.name)
    notes = walk.gates.notes
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
  private(set) var gates: TarGates
  private(set) var entries: [TarEntry] = []
  /// Where the bytes of each file lie, for links.
  private var places: [String: Range<Int>] = [:]
  private var offset = 0

  init(bytes: UnsafeRawBufferPointer, gates: TarGates) { (self.bytes, self.gates) = (bytes, gates) }

  mutating func run() throws {
    while let header = try nextHeader() {
      let size = try gates.contentSize(header)
      let member = header.isExtension ? nil : try gates.admit(header)
      guard size <= bytes.count - offset else { throw damaged("it ends early", member?.name) }
      let data = offset..<offset + size
      offset = data.upperBound + tarPadding(size)
      guard offset <= bytes.count else { throw damaged("it ends early", member?.name) }
      if header.isExtension {
        try gates.announce(header, Array(bytes[data]))
      } else if let member, !member.isDirectory {
        add(member, data)
      }
    }
    try gates.finish()
    gates.ending.take(UnsafeRawBufferPointer(rebasing: bytes[offset...]))
  }

  private mutating func add(_ member: TarMember, _ data: Range<Int>) {
    let range = member.target.flatMap { places[$0] } ?? data
    places[member.name] = range
    entries.append(TarEntry(name: member.name, range: range))
  }

  /// Nil at the end mark, which is a block of zeros, or at the end of the file.
  private mutating func nextHeader() throws -> TarHeader? {
    let block = UnsafeRawBufferPointer(rebasing: bytes[offset...].prefix(tarBlock))
    guard block.count == tarBlock else {
      if offset == 0 { throw notATar }
      guard isTarEnd(block) else { throw damaged("a header is cut off") }
      gates.ending.isMissing()
      return nil
    }
    if isTarEnd(block) { return nil }
    guard let header = TarHeader(block) else { throw offset == 0 ? notATar : damaged("a header cannot be read") }
    offset += tarBlock
    return header
  }

  private var notATar: ArchiveError { .notAnArchive(path: gates.path, kind: "tar", found: kindOfBytes(bytes)) }

  private func damaged(_ reason: String, _ entry: String? = nil) -> ArchiveError {
    .damaged(path: gates.path, entry: entry, reason: reason)
  }
}
