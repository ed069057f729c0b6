/// A file or directory of a tar archive that has passed the gates.
struct TarMember {
  let name: String
  /// Bytes that follow the header; 0 for a directory.
  let size: Int
  let isDirectory: Bool
}

/// The gates that a tar archive's headers pass, one after the other: names, kinds, sizes, duplicates. Extended headers
/// (pax, and GNU's long names) announce what the header after them cannot hold.
struct TarGates {
  let path: String
  let limits: ArchiveLimits
  private var clashes = NameClashes()
  private var name: [UInt8]?
  private var size: Int?
  private var count = 0
  private var total = 0

  /// The longest extended header.
  private static let longestExtension = 1 << 20

  init(path: String, limits: ArchiveLimits) { (self.path, self.limits) = (path, limits) }

  /// How many bytes follow a header that has been read. Every header is shown here first.
  mutating func contentSize(_ header: TarHeader) throws -> Int {
    count += 1
    guard count <= limits.maximumEntries else { throw tooLarge("more than \(limits.maximumEntries) entries") }
    switch header.kind {
    case .paxNext, .paxGlobal, .longName:
      guard header.size <= Self.longestExtension else {
        throw tooLarge("an extended header of \(header.size) bytes", header.name)
      }
      return header.size
    case .file: return size ?? header.size
    case .directory:
      guard size ?? header.size == 0 else { throw damaged("it is a directory with bytes", header.name) }
      return 0
    case .other(let kind):
      throw ArchiveError.unsafeKind(path: path, entry: shown(name ?? header.name), kind: kind)
    }
  }

  /// Takes what an extended header says about the entry after it.
  mutating func announce(_ header: TarHeader, _ content: [UInt8]) throws {
    switch header.kind {
    case .longName: name = Array(content.prefix { $0 != 0 })
    case .paxNext:
      for (key, value) in try paxRecords(content, header.name) { try announce(key, value, header.name) }
    case .paxGlobal:
      for (key, _) in try paxRecords(content, header.name) where ["path", "size", "linkpath"].contains(key) {
        throw unsupported("a pax header that gives all entries one \(key)", header.name)
      }
    default: preconditionFailure("only extended headers announce anything")
    }
  }

  private mutating func announce(_ key: String, _ value: ArraySlice<UInt8>, _ entry: [UInt8]) throws {
    switch key {
    case "path": name = Array(value)
    case "size":
      guard let number = Int(String(decoding: value, as: UTF8.self)), value.allSatisfy({ (0x30...0x39).contains($0) })
      else { throw damaged("its pax header gives no number for its size", entry) }
      size = number
    case "linkpath": throw ArchiveError.unsafeKind(path: path, entry: shown(entry), kind: "a link")
    case _ where key.hasPrefix("GNU.sparse."): throw unsupported("a file with holes (GNU sparse)", entry)
    default: break
    }
  }

  /// The file or directory that a header describes; nil for the directory that the archive is unpacked in itself.
  mutating func admit(_ header: TarHeader) throws -> TarMember? {
    var raw = name ?? header.name
    let size = size ?? header.size
    (name, self.size) = (nil, nil)
    var isDirectory = false
    if case .directory = header.kind { isDirectory = true }
    while raw.starts(with: [0x2E, 0x2F]) { raw.removeFirst(2) }
    if isDirectory, raw.isEmpty || raw == [0x2E] { return nil }
    if isDirectory, raw.last != 0x2F { raw.append(0x2F) }
    let name = try checkedName(raw, isDirectory: isDirectory)
    if header.mode & 0o6000 != 0, !isDirectory {
      throw ArchiveError.unsafeKind(path: path, entry: name, kind: "a file that changes its user's rights")
    }
    guard size <= limits.maximumEntryBytes else {
      throw tooLarge("\(size) bytes, more than \(limits.maximumEntryBytes)", raw)
    }
    total += size
    guard total <= limits.maximumTotalBytes else {
      throw tooLarge("it expands to more than \(limits.maximumTotalBytes) bytes")
    }
    return TarMember(name: name, size: size, isDirectory: isDirectory)
  }

  private mutating func checkedName(_ raw: [UInt8], isDirectory: Bool) throws -> String {
    let problem = nameProblem(raw) ?? (!isDirectory && raw.last == 0x2F ? "it names a directory" : nil)
    guard problem == nil, let name = String(validating: raw, as: UTF8.self) else {
      throw ArchiveError.unsafeName(path: path, entry: shown(raw), reason: problem ?? "it is not UTF-8")
    }
    if let earlier = clashes.clash(with: name, isDirectory: isDirectory) {
      throw ArchiveError.duplicateName(path: path, first: earlier, second: name)
    }
    return name
  }

  /// To be called at the end of the archive.
  func finish() throws {
    guard name == nil, size == nil else { throw damaged("its last header announces an entry that is missing") }
  }

  /// The records `LENGTH key=value\n` of a pax header.
  private func paxRecords(_ content: [UInt8], _ entry: [UInt8]) throws -> [(String, ArraySlice<UInt8>)] {
    var records: [(String, ArraySlice<UInt8>)] = []
    var rest = content[...]
    while !rest.isEmpty {
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      guard let length = Int(String(decoding: digits, as: UTF8.self)), length > digits.count + 1, length <= rest.count,
        rest[digits.endIndex] == 0x20, rest[rest.startIndex + length - 1] == 0x0A
      else { throw damaged("its pax header cannot be read", entry) }
      let record = rest[(digits.endIndex + 1)..<(rest.startIndex + length - 1)]
      guard let equals = record.firstIndex(of: 0x3D) else { throw damaged("its pax header cannot be read", entry) }
      records.append((String(decoding: record[..<equals], as: UTF8.self), record[(equals + 1)...]))
      rest = rest.dropFirst(length)
    }
    return records
  }

  private func shown(_ name: [UInt8]) -> String { String(decoding: name, as: UTF8.self) }

  private func damaged(_ reason: String, _ entry: [UInt8]? = nil) -> ArchiveError {
    .damaged(path: path, entry: entry.map(shown), reason: reason)
  }

  private func tooLarge(_ reason: String, _ entry: [UInt8]? = nil) -> ArchiveError {
    .tooLarge(path: path, entry: entry.map(shown), reason: reason)
  }

  private func unsupported(_ feature: String, _ entry: [UInt8]) -> ArchiveError {
    .unsupported(path: path, entry: shown(entry), feature: feature)
  }
}
