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
  let limits: ArchiveLimits
  var entries: [TarEntry] = []
  private var clashes = NameClashes()
  private var offset = 0
  /// The name that a pax or GNU header has announced for the next entry.
  private var announced: [UInt8]?

  init(bytes: UnsafeRawBufferPointer, path: String, limits: ArchiveLimits) {
    (self.bytes, self.path, self.limits) = (bytes, path, limits)
  }

  mutating func run() throws {
    var count = 0
    while let header = try nextHeader() {
      count += 1
      guard count <= limits.maximumEntries else {
        throw ArchiveError.tooLarge(path: path, entry: nil, reason: "more than \(limits.maximumEntries) entries")
      }
      let data = offset..<offset + header.size
      guard header.size <= bytes.count - offset else { throw damaged("it ends early", header.name) }
      offset = min(bytes.count, data.upperBound + (tarBlock - header.size % tarBlock) % tarBlock)
      try take(header, data)
    }
    guard announced == nil else { throw damaged("its last header announces an entry that is missing") }
  }

  /// Nil at the end mark, which is a block of zeros.
  private mutating func nextHeader() throws -> TarHeader? {
    guard bytes.count - offset >= tarBlock else { throw damaged(entries.isEmpty ? nil : "its end mark is missing") }
    let block = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + tarBlock])
    if block.allSatisfy({ $0 == 0 }) { return nil }
    guard let header = TarHeader(block) else { throw damaged(offset == 0 ? nil : "a header's checksum does not hold") }
    offset += tarBlock
    return header
  }

  private mutating func take(_ header: TarHeader, _ data: Range<Int>) throws {
    switch header.kind {
    case .paxGlobal: return
    case .paxNext: announced = try paxPath(Array(bytes[data]), header.name) ?? announced
    case .longName: announced = Array(bytes[data].prefix { $0 != 0 })
    case .other(let kind):
      throw ArchiveError.unsafeKind(path: path, entry: String(decoding: header.name, as: UTF8.self), kind: kind)
    case .file, .directory:
      var raw = announced ?? header.name
      announced = nil
      while raw.starts(with: [0x2E, 0x2F]) { raw.removeFirst(2) }
      if case .directory = header.kind {
        if !raw.isEmpty { try admit(raw.last == 0x2F ? raw : raw + [0x2F], nil) }
      } else {
        try admit(raw, data)
      }
    }
  }

  /// - Parameter data: nil for a directory.
  private mutating func admit(_ raw: [UInt8], _ data: Range<Int>?) throws {
    let problem = nameProblem(raw) ?? (data != nil && raw.last == 0x2F ? "it names a directory" : nil)
    guard problem == nil, let name = String(validating: raw, as: UTF8.self) else {
      throw ArchiveError.unsafeName(
        path: path, entry: String(decoding: raw, as: UTF8.self), reason: problem ?? "it is not UTF-8")
    }
    if let earlier = clashes.clash(with: name, isDirectory: data == nil) {
      throw ArchiveError.duplicateName(path: path, first: earlier, second: name)
    }
    if let data { entries.append(TarEntry(name: name, range: data)) }
  }

  /// The name that a pax header gives; a size there, which only huge files need, is refused.
  private func paxPath(_ records: [UInt8], _ name: [UInt8]) throws -> [UInt8]? {
    var path: [UInt8]?
    var rest = records[...]
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1, length <= rest.count,
        rest[rest.startIndex + length - 1] == 0x0A
      else { throw damaged("its pax header cannot be read", name) }
      let record = rest[(digits.endIndex + 1)..<(rest.startIndex + length - 1)]
      if record.starts(with: "path=".utf8) { path = Array(record.dropFirst(5)) }
      if record.starts(with: "size=".utf8) || record.starts(with: "linkpath=".utf8) {
        throw ArchiveError.unsupported(
          path: self.path, entry: String(decoding: name, as: UTF8.self), feature: "a pax header with a size or a link")
      }
      rest = rest.dropFirst(length)
    }
    return path
  }

  /// - Parameter reason: nil where this is no tar file at all.
  private func damaged(_ reason: String?, _ entry: [UInt8]? = nil) -> ArchiveError {
    guard let reason else { return .notAnArchive(path: path, kind: "tar", found: kindOfBytes(bytes)) }
    return .damaged(path: path, entry: entry.map { String(decoding: $0, as: UTF8.self) }, reason: reason)
  }
}
