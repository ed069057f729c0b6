/// A file in a zip archive.
public struct ZipEntry: Sendable, Equatable {
  /// The path in the archive: components joined by single slashes, never absolute, never upwards.
  public let name: String
  /// Bytes once expanded.
  public let size: Int
  /// Bytes as packed.
  public let packedSize: Int
  /// The place in the archive's directory.
  let index: Int
}

/// The gates that an archive passes before anything is read: names, kinds, sizes, overlaps, duplicates.
struct ZipGates {
  let path: String
  let limits: ArchiveLimits

  /// The regular files among the records, in the order of the directory.
  ///
  /// - Parameter names: the records' names as libzip decodes them.
  func admit(_ records: [ZipDirectory.Record], names: [String]) throws -> [ZipEntry] {
    var entries: [ZipEntry] = []
    var clashes = NameClashes()
    var total = 0
    try checkFeatures(records, names)
    for (index, record) in records.enumerated() {
      let name = names[index]
      try checkName(record.name, name)
      try checkKind(record, name)
      try checkSize(record, name)
      total += record.size
      guard total <= limits.maximumTotalBytes else {
        throw ArchiveError.tooLarge(
          path: path, entry: nil, reason: "it expands to more than \(limits.maximumTotalBytes) bytes")
      }
      let isDirectory = record.name.last == 0x2F
      if let earlier = clashes.clash(with: name, isDirectory: isDirectory) {
        throw ArchiveError.duplicateName(path: path, first: earlier, second: name)
      }
      if !isDirectory {
        entries.append(ZipEntry(name: name, size: record.size, packedSize: record.packedSize, index: index))
      }
    }
    try checkOverlaps(records, names)
    return entries
  }

  /// Raw and decoded name both: an extra field may give an entry another name than its header does.
  private func checkName(_ raw: [UInt8], _ name: String) throws {
    if let problem = nameProblem(raw) ?? nameProblem(name.utf8) {
      throw ArchiveError.unsafeName(path: path, entry: String(decoding: raw, as: UTF8.self), reason: problem)
    }
    guard (raw.last == 0x2F) == (name.utf8.last == 0x2F) else {
      throw ArchiveError.unsafeName(path: path, entry: name, reason: "it has two names of different kinds")
    }
  }

  /// Names all that is not read here, so that one repacking is enough.
  private func checkFeatures(_ records: [ZipDirectory.Record], _ names: [String]) throws {
    var found: [(feature: String, count: Int)] = []
    var first: String?
    for (record, name) in zip(records, names) {
      guard let feature = record.unsupportedFeature else { continue }
      first = first ?? name
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
      case 0o04: record.name.last == 0x2F ? nil : "a directory under a file's name"
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
      throw ArchiveError.damaged(path: path, entry: name, reason: "it is stored, but its two sizes differ")
    }
  }

  private func checkOverlaps(_ records: [ZipDirectory.Record], _ names: [String]) throws {
    let order = records.indices.sorted { records[$0].span.lowerBound < records[$1].span.lowerBound }
    for (one, next) in zip(order, order.dropFirst()) where records[one].span.upperBound > records[next].span.lowerBound
    {
      throw ArchiveError.overlapping(path: path, first: names[one], second: names[next])
    }
  }
}

extension ZipDirectory.Record {
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
