/// A file in a zip archive.
public struct ZipEntry: Sendable, Equatable {
  /// The path in the archive: components joined by single slashes, never absolute, never upwards.
  public let name: String
  /// Bytes once expanded.
  public let size: Int
  /// Bytes as packed.
  public var packedSize: Int { data.count }
  /// Where the packed bytes lie in the file.
  let data: Range<Int>
  /// Whether the packed bytes are the file's own.
  let isStored: Bool
  let checksum: Int
}

/// The gates that an archive passes before anything is read: names, kinds, sizes, overlaps, duplicates.
struct ZipGates {
  let path: String
  let limits: ArchiveLimits
  private(set) var names: EntryNames

  init(path: String, limits: ArchiveLimits, encoding: NameEncoding?) {
    (self.path, self.limits, names) = (path, limits, EntryNames(path: path, encoding: encoding))
  }

  /// The regular files among the records, in the order of the directory.
  mutating func admit(_ records: [ZipDirectory.Record]) throws -> [ZipEntry] {
    var entries: [ZipEntry] = []
    var total = 0
    try checkFeatures(records)
    for record in records {
      let name = try name(of: record)
      try checkKind(record, name)
      try checkSize(record, name)
      total += record.size
      guard total <= limits.maximumTotalBytes else {
        throw ArchiveError.tooLarge(
          path: path, entry: nil, reason: "it expands to more than \(limits.maximumTotalBytes) bytes")
      }
      if name.isEmpty { continue }
      let isDirectory = name.utf8.last == slash
      try names.take(name, isDirectory: isDirectory)
      if isDirectory { continue }
      entries.append(
        ZipEntry(
          name: name, size: record.size, data: record.data, isStored: record.method == 0, checksum: record.checksum))
    }
    try checkOverlaps(records)
    return lastOfEach(entries, \.name)
  }

  /// The name of the entry; empty for the folder that all are in. An extra field may give it another name than its header
  /// does: then both pass, and the field's counts. The local header has to bear one of them.
  private mutating func name(of record: ZipDirectory.Record) throws -> String {
    let own = try names.read(record.name)
    guard let unicode = record.unicodeName, unicode != record.name else {
      try checkLocalName(record, [own])
      return own
    }
    let name = try names.read(unicode)
    guard (own.utf8.last == slash) == (name.utf8.last == slash) else {
      throw ArchiveError.unsafeName(path: path, entry: name, reason: "it has two names of different kinds")
    }
    try checkLocalName(record, [own, name])
    return name
  }

  private func checkLocalName(_ record: ZipDirectory.Record, _ allowed: [String]) throws {
    if record.localName == record.name || allowed.contains(where: { names.isSame(record.localName, as: $0) }) { return }
    throw ArchiveError.contradictory(
      path: path, entry: allowed[0], reason: "its local header and the directory disagree about its name")
  }

  /// Names all that is not read here, so that one repacking is enough.
  private func checkFeatures(_ records: [ZipDirectory.Record]) throws {
    var found: [(feature: String, count: Int)] = []
    var first: String?
    for record in records {
      guard let feature = record.unsupportedFeature else { continue }
      first = first ?? record.shownName
      if let known = found.firstIndex(where: { $0.feature == feature }) {
        found[known].count += 1
      } else {
        found.append((feature, 1))
      }
    }
    guard let first else { return }
    let list = found.map { "\($0.feature) (\($0.count) of \(records.count) entries)" }.joined(separator: ", ")
    throw ArchiveError.unsupported(path: path, entry: first, feature: list)
  }

  private func checkKind(_ record: ZipDirectory.Record, _ name: String) throws {
    let kind: String? =
      switch record.unixMode >> 12 {
      case 0, 0o10: nil
      case 0o04: name.isEmpty || name.utf8.last == slash ? nil : "a directory under a file's name"
      case 0o12: "a symbolic link"
      default: "a device, a pipe or a socket"
      }
    if let kind { throw ArchiveError.unsafeKind(path: path, entry: name, kind: kind) }
    if record.unixMode & 0o6000 != 0, record.unixMode >> 12 != 0o04 {
      throw ArchiveError.unsafeKind(path: path, entry: name, kind: "a file that changes its user's rights")
    }
  }

  private func checkSize(_ record: ZipDirectory.Record, _ name: String) throws {
    func tooLarge(_ reason: String) -> ArchiveError { .tooLarge(path: path, entry: name, reason: reason) }
    guard record.size <= limits.maximumEntryBytes else {
      throw tooLarge("\(record.size) bytes, more than \(limits.maximumEntryBytes)")
    }
    if record.size > limits.ratioFloor, record.size / limits.maximumRatio > record.packedSize {
      throw tooLarge("it expands more than \(limits.maximumRatio) times")
    }
    if record.method == 0, record.size != record.packedSize {
      throw ArchiveError.contradictory(path: path, entry: name, reason: "it is stored, but its two sizes differ")
    }
    if record.size > 0, name.isEmpty || name.utf8.last == slash {
      throw ArchiveError.contradictory(path: path, entry: name, reason: "it is a directory with bytes")
    }
  }

  private func checkOverlaps(_ records: [ZipDirectory.Record]) throws {
    let order = records.sorted { $0.span.lowerBound < $1.span.lowerBound }
    for (one, next) in zip(order, order.dropFirst()) where one.span.upperBound > next.span.lowerBound {
      throw ArchiveError.overlapping(path: path, first: one.shownName, second: next.shownName)
    }
  }
}

extension ZipDirectory.Record {
  /// The name, for messages.
  fileprivate var shownName: String { String(decoding: unicodeName ?? name, as: UTF8.self) }

  /// What about the entry is valid, but not read here (APPNOTE.TXT 6.3.9, sections 4.4.4 and 4.4.5).
  fileprivate var unsupportedFeature: String? {
    if flags & 0x2041 != 0 || method == 99 { return "encryption" }
    if flags & 0x20 != 0 { return "patched data" }
    let name: String? =
      switch method {
      case 0, 8: nil
      case 1: "shrink"
      case 2...5: "reduce"
      case 6: "implode"
      case 9: "Deflate64"
      case 12: "bzip2"
      case 14: "LZMA"
      case 20, 93: "Zstandard"
      case 95: "XZ"
      case 98: "PPMd"
      default: "method \(method)"
      }
    return name.map { "compression by \($0)" }
  }
}
