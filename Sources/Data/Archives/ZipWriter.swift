internal import Files

/// Makes a zip archive that is there whole or not at all. The same content gives the same bytes.
///
/// The archive is made in memory and written when it is finished, so it is meant for what fits there twice.
public final class ZipWriter {
  /// Where the archive will be.
  public let path: String
  private let archive: LibZip
  private var clashes = NameClashes()

  /// Begins an archive; nothing is written yet.
  public init(path: String) throws {
    self.path = path
    do { archive = try LibZip() } catch let error as LibZipError { throw ZipWriter.failure(path, error) }
  }

  /// Adds a file.
  ///
  /// - Parameter store: true leaves the bytes as they are, which suits JPEG; false compresses them.
  /// - Throws: `ArchiveError.unsafeName` or `.duplicateName` for a name that no reader would take.
  public func add(name: String, bytes: [UInt8], store: Bool) throws {
    if let problem = nameProblem(name.utf8) ?? (name.utf8.last == 0x2F ? "it names a directory" : nil) {
      throw ArchiveError.unsafeName(path: path, entry: name, reason: problem)
    }
    if let earlier = clashes.clash(with: name, isDirectory: false) {
      throw ArchiveError.duplicateName(path: path, first: earlier, second: name)
    }
    do {
      try archive.add(name: name, bytes, store: store)
    } catch let error as LibZipError {
      throw ZipWriter.failure(path, error)
    }
  }

  /// Writes the archive to its path, atomically. Nothing may be added afterwards.
  public func finish() throws {
    do {
      try writeAtomically(archive.finish(), to: path)
    } catch let error as LibZipError {
      throw ZipWriter.failure(path, error)
    }
  }

  private static func failure(_ path: String, _ error: LibZipError) -> ArchiveError {
    .notWritten(path: path, call: error.call, reason: error.reason)
  }
}
