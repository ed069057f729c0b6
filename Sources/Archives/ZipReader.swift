internal import Files
internal import Synchronization

/// A zip archive whose every entry has passed the gates: once it is open, names are safe paths and sizes are bounded.
///
/// The file is mapped, so that what was checked is what is read; several threads may read, one at a time.
public final class ZipReader: @unchecked Sendable {  // the library's state is only touched under the lock
  /// The archive's path, as given.
  public let path: String
  /// The regular files, in the order of the archive's directory. Directories are left out.
  public let entries: [ZipEntry]
  private let file: MappedFile
  private let archive: LibZip
  private let lock = Mutex(())
  private let places: [String: Int]

  /// Opens the archive and checks all of its headers; no entry is expanded.
  ///
  /// - Throws: `ArchiveError` for what is damaged, hostile or not supported, `FileError` where there is no file.
  public init(path: String, limits: ArchiveLimits = ArchiveLimits()) throws {
    self.path = path
    file = try MappedFile(path)
    let records = try ZipDirectory(file.bytes, path: path, limit: limits.maximumEntries).records
    let gates = ZipGates(path: path, limits: limits)
    let plain = try gates.admit(records, names: records.map { String(decoding: $0.name, as: UTF8.self) })
    do {
      archive = try LibZip(reading: file.bytes)
      let names = try ZipReader.names(of: records, in: archive, path: path)
      let isPlain = zip(names, records).allSatisfy { $0.utf8.elementsEqual($1.name) }
      entries = isPlain ? plain : try gates.admit(records, names: names)
    } catch let error as LibZipError {
      throw ArchiveError.damaged(path: path, entry: nil, reason: error.reason)
    }
    places = Dictionary(entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The entry with this name, or nil.
  public func entry(named name: String) -> ZipEntry? { places[name].map { entries[$0] } }

  /// Expands an entry, whose length and checksum are checked.
  ///
  /// - Throws: `ArchiveError.damaged` where they do not hold.
  public func read(_ entry: ZipEntry) throws -> [UInt8] {
    do {
      return try withExtendedLifetime(file) {
        try lock.withLock { _ in try archive.read(at: entry.index, size: entry.size) }
      }
    } catch let error as LibZipError {
      throw ArchiveError.damaged(path: path, entry: entry.name, reason: error.reason)
    }
  }

  /// libzip's names for the entries; what it reads from the headers must be what mmtrain read.
  private static func names(
    of records: [ZipDirectory.Record], in archive: LibZip, path: String
  ) throws -> [String] {
    guard archive.count == records.count else {
      throw ArchiveError.damaged(path: path, entry: nil, reason: "two readings of its directory differ")
    }
    return try records.enumerated().map { index, record in
      let name = try archive.name(at: index)
      let sizes = try archive.sizes(at: index)
      guard sizes == (record.size, record.packedSize, record.checksum, record.method) else {
        throw ArchiveError.damaged(path: path, entry: name, reason: "two readings of its header differ")
      }
      return name
    }
  }
}
