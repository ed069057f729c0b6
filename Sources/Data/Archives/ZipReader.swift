internal import Files

/// A zip archive whose every entry has passed the gates: once it is open, names are safe paths and sizes are bounded.
///
/// The file is mapped, so that what was checked is what is read. Any thread may read.
public final class ZipReader: Sendable {
  /// The archive's path, as given.
  public let path: String
  /// The regular files, in the order of the archive's directory. Directories are left out.
  public let entries: [ZipEntry]
  /// What was decided about the archive, in words.
  public let notes: [String]
  private let file: MappedFile
  private let places: [String: Int]

  /// Opens the archive and checks all of its headers; no entry is expanded.
  ///
  /// - Parameter encoding: how names are read that are not UTF-8; nil guesses.
  /// - Throws: `ArchiveError` for what is damaged, hostile or not supported, `FileError` where there is no file.
  public init(path: String, limits: ArchiveLimits = ArchiveLimits(), encoding: NameEncoding? = nil) throws {
    self.path = path
    file = try MappedFile(path)
    let directory = try ZipDirectory(file.bytes, path: path, limit: limits.maximumEntries)
    var gates = ZipGates(path: path, limits: limits, encoding: encoding)
    entries = try gates.admit(directory.records)
    notes = directory.notes + gates.names.notes
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The entry with this name, or nil.
  public func entry(named name: String) -> ZipEntry? { places[name].map { entries[$0] } }

  /// Expands an entry, whose length and checksum are checked.
  ///
  /// - Throws: `ArchiveError.damaged` where they do not hold.
  public func read(_ entry: ZipEntry) throws -> [UInt8] {
    precondition(entry.data.upperBound <= file.bytes.count, "the entry belongs to another archive")
    return try withExtendedLifetime(file) {
      let packed = UnsafeRawBufferPointer(rebasing: file.bytes[entry.data])
      do {
        let bytes = entry.isStored ? Array(packed) : try inflated(packed, size: entry.size)
        guard bytes.withUnsafeBytes(checksum) == entry.checksum else {
          throw InflateError(reason: "CRC error")
        }
        return bytes
      } catch let error as InflateError {
        throw ArchiveError.damaged(path: path, entry: entry.name, reason: error.reason)
      }
    }
  }
}

extension ZipDirectory {
  /// A word on bytes of the file that belong to no archive; what only fills up at the end is not worth one.
  fileprivate var notes: [String] {
    [(strange.before, "before"), (strange.behind, "behind")].filter { $0.0 > 0 }.map { count, place in
      "\(count) bytes that stand \(place) the zip archive are no part of it and were not read"
    }
  }
}
