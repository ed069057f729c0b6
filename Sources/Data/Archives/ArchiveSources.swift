internal import Files

/// The files of a zip archive, read where they lie.
public struct ArchiveSource: FileSource {
  public let names: [String]
  public let notes: [String]
  private let reader: ZipReader

  /// - Parameter encoding: how names are read that are not UTF-8; nil guesses.
  /// - Throws: what `ZipReader` throws.
  public init(path: String, limits: ArchiveLimits = ArchiveLimits(), encoding: NameEncoding? = nil) throws {
    reader = try ZipReader(path: path, limits: limits, encoding: encoding)
    var leftovers = Leftovers()
    names = reader.entries.map(\.name).filter { leftovers.passes($0) }.sorted(by: byteOrder)
    notes = reader.notes + leftovers.notes
  }

  public func read(_ name: String) throws -> [UInt8] {
    guard let entry = reader.entry(named: name) else { throw ArchiveError.missingEntry(path: reader.path, entry: name) }
    return try reader.read(entry)
  }

  public func size(_ name: String) -> Int { reader.entry(named: name)?.size ?? 0 }
}

/// The files of a tar archive, read where they lie.
struct TarSource: FileSource {
  let names: [String]
  let notes: [String]
  private let reader: TarReader
  /// Of each name, in the same order.
  private let entries: [TarEntry]

  init(path: String, limits: ArchiveLimits, encoding: NameEncoding?) throws {
    reader = try TarReader(path: path, limits: limits, encoding: encoding)
    var leftovers = Leftovers()
    entries = reader.entries.filter { leftovers.passes($0.name) }.sorted { byteOrder($0.name, $1.name) }
    names = entries.map(\.name)
    notes = reader.notes + leftovers.notes
  }

  func read(_ name: String) throws -> [UInt8] {
    guard let place = names.place(of: name) else { throw ArchiveError.missingEntry(path: reader.path, entry: name) }
    return reader.read(entries[place])
  }

  func size(_ name: String) -> Int { names.place(of: name).map { entries[$0].range.count } ?? 0 }
}

/// One file as a source, under its base name.
struct SingleFile: FileSource {
  let names: [String]
  private let file: MappedFile

  init(path: String) throws {
    file = try MappedFile(path)
    names = [lastComponent(of: path)]
  }

  func read(_ name: String) throws -> [UInt8] {
    guard name == names[0] else { throw ArchiveError.missingEntry(path: file.path, entry: name) }
    return withExtendedLifetime(file) { Array(file.bytes) }
  }

  func size(_ name: String) -> Int { name == names[0] ? file.bytes.count : 0 }
}
