internal import Reporting

/// A file or directory of a tar archive that has passed the gates.
struct TarMember {
  let name: String
  /// Bytes of the file; 0 for a directory.
  let size: Int
  let isDirectory: Bool
  /// The earlier file whose bytes a hard link shares; nil where they follow the header.
  var target: String?
}

/// The gates that a tar archive's headers pass, one after the other: names, kinds, sizes, duplicates. Extended headers
/// (pax, and GNU's long names) announce what the header after them cannot hold.
struct TarGates {
  let path: String
  let limits: ArchiveLimits
  private var names: EntryNames
  private var announced = Announced()
  /// The files so far, for links.
  private var sizes: [String: Int] = [:]
  private var links = Tally()
  private var count = 0
  private var total = 0
  /// What was found where the archive ends.
  var ending = TarEnding()

  /// What extended headers have said about the entry after them.
  private struct Announced {
    var name: [UInt8]?
    var size: Int?
    var target: [UInt8]?
    var isAnything: Bool { name != nil || size != nil || target != nil }
  }

  /// The longest extended header.
  private static let longestExtension = 1 << 20

  init(path: String, limits: ArchiveLimits, encoding: NameEncoding?) {
    (self.path, self.limits, names) = (path, limits, EntryNames(path: path, encoding: encoding))
  }

  /// What was decided about the archive, in words.
  var notes: [String] {
    let link = links.note(
      "hard link was taken as a copy of the file that it names",
      "hard links were taken as copies of the files that they name",
      "; leave links out when packing where copies are not wanted")
    return names.notes + [link].compactMap(\.self) + ending.notes
  }

  /// How many bytes follow a header that has been read. Every header is shown here first.
  mutating func contentSize(_ header: TarHeader) throws -> Int {
    count += 1
    guard count <= limits.maximumEntries else { throw tooLarge("more than \(limits.maximumEntries) entries") }
    let size = announced.size ?? header.size
    switch header.kind {
    case .paxNext, .paxGlobal, .longName, .longLink:
      guard header.size <= Self.longestExtension else {
        throw tooLarge("an extended header of \(header.size) bytes", header.name)
      }
      return header.size
    case .file, .remark: return size
    case .directory:
      guard size == 0 else { throw contradictory("it is a directory with bytes", header.name) }
      return 0
    case .hardLink:
      guard size == 0 else { throw contradictory("it is a hard link with bytes of its own", header.name) }
      return 0
    case .other(let kind): throw unsafeKind(kind, announced.name ?? header.name)
    }
  }

  /// Takes what an extended header says about the entry after it.
  mutating func announce(_ header: TarHeader, _ content: [UInt8]) throws {
    switch header.kind {
    case .longName: announced.name = Array(content.prefix { $0 != 0 })
    case .longLink: announced.target = Array(content.prefix { $0 != 0 })
    case .paxNext:
      for (key, value) in try records(content, header.name) { try announce(key, value, header.name) }
    case .paxGlobal:
      for (key, _) in try records(content, header.name)
      where ["path", "size", "linkpath"].contains(key) || key.hasPrefix("GNU.sparse.") {
        throw unsupported("a pax header that gives all entries one \(key)", header.name)
      }
    default: preconditionFailure("only extended headers announce anything")
    }
  }

  private mutating func announce(_ key: String, _ value: ArraySlice<UInt8>, _ entry: [UInt8]) throws {
    switch key {
    case "path": announced.name = Array(value)
    case "size":
      guard let number = Int(String(decoding: value, as: UTF8.self)), value.allSatisfy({ (0x30...0x39).contains($0) })
      else { throw contradictory("its pax header gives no number for its size", entry) }
      announced.size = number
    case "linkpath": announced.target = Array(value)
    case _ where key.hasPrefix("GNU.sparse."): throw unsupported("a file with holes (GNU sparse)", entry)
    default: break
    }
  }

  /// The file or directory that a header describes; nil for the directory that the archive is unpacked in itself, and for
  /// what is neither.
  mutating func admit(_ header: TarHeader) throws -> TarMember? {
    defer { announced = Announced() }
    if case .remark = header.kind { return nil }
    var raw = announced.name ?? header.name
    var size = announced.size ?? header.size
    let isDirectory = header.isDirectory(raw, size: size)
    if isDirectory, raw.last != slash { raw.append(slash) }
    let name = try names.read(raw)
    if name.isEmpty { return nil }
    try checkKind(header, name, isDirectory: isDirectory)
    let earlier = try earlierFile(header, raw)
    size = earlier?.size ?? size
    try countBytes(size, raw)
    try names.take(name, isDirectory: isDirectory)
    if !isDirectory { sizes[name] = size }
    return TarMember(name: name, size: size, isDirectory: isDirectory, target: earlier?.name)
  }

  private func checkKind(_ header: TarHeader, _ name: String, isDirectory: Bool) throws {
    let raw = Array(name.utf8)
    if announced.target != nil, !header.isHardLink { throw unsafeKind("a link", raw) }
    if isDirectory { return }
    if raw.last == slash { throw ArchiveError.unsafeName(path: path, entry: name, reason: "it names a directory") }
    if header.mode & 0o6000 != 0 { throw unsafeKind("a file that changes its user's rights", raw) }
  }

  /// The file that a hard link names, which must have come already; nil for anything else.
  private mutating func earlierFile(_ header: TarHeader, _ entry: [UInt8]) throws -> (name: String, size: Int)? {
    guard header.isHardLink else { return nil }
    let target = announced.target ?? header.target
    let quiet = names
    defer { names = quiet }
    guard let name = try? names.read(target), let size = sizes[name] else {
      throw unsafeKind("a hard link to “\(printable(shown(target)))”, which is no earlier file of the archive", entry)
    }
    links.add(shown(entry))
    return (name, size)
  }

  private mutating func countBytes(_ size: Int, _ entry: [UInt8]) throws {
    guard size <= limits.maximumEntryBytes else {
      throw tooLarge("\(size) bytes, more than \(limits.maximumEntryBytes)", entry)
    }
    total += size
    guard total <= limits.maximumTotalBytes else {
      throw tooLarge("it expands to more than \(limits.maximumTotalBytes) bytes")
    }
  }

  /// To be called at the end of the archive.
  func finish() throws {
    guard !announced.isAnything else {
      throw ArchiveError.damaged(
        path: path, entry: nil, reason: "its last header announces an entry that is missing")
    }
  }

  private func records(_ content: [UInt8], _ entry: [UInt8]) throws -> [(key: String, value: ArraySlice<UInt8>)] {
    guard let records = paxRecords(content) else { throw contradictory("its pax header cannot be read", entry) }
    return records
  }
}

/// Words for what is wrong.
extension TarGates {
  private func shown(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

  private func contradictory(_ reason: String, _ entry: [UInt8]) -> ArchiveError {
    .contradictory(path: path, entry: shown(entry), reason: reason)
  }

  private func tooLarge(_ reason: String, _ entry: [UInt8]? = nil) -> ArchiveError {
    .tooLarge(path: path, entry: entry.map(shown), reason: reason)
  }

  private func unsupported(_ feature: String, _ entry: [UInt8]) -> ArchiveError {
    .unsupported(path: path, entry: shown(entry), feature: feature)
  }

  private func unsafeKind(_ kind: String, _ entry: [UInt8]) -> ArchiveError {
    .unsafeKind(path: path, entry: shown(entry), kind: kind)
  }
}
