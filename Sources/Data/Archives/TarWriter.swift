internal import Files

/// Writes a tar file of regular files (ustar; pax headers for names that ustar cannot hold) and tells where the bytes
/// of each lie, so that an index can point at them. The same content gives the same bytes.
///
/// The file appears under its own name at once: put it into a directory that is renamed when all is written.
public final class TarWriter {
  /// The tar file's path.
  public let path: String
  private var file: FileWriter
  private let digest = StreamingSHA256()

  /// Bytes written so far.
  public var byteCount: Int { file.offset }

  /// Creates the file, which must not exist.
  ///
  /// - Throws: `FileError`.
  public init(path: String) throws {
    self.path = path
    file = try FileWriter(creating: path)
  }

  deinit { file.abandon() }

  /// Appends a file.
  ///
  /// - Returns: where its bytes begin in the tar file.
  /// - Throws: `ArchiveError.unsafeName` for a name that a reader would refuse, `.tooLarge` from 8 GiB on, `FileError`.
  @discardableResult
  public func add(name: String, bytes: UnsafeRawBufferPointer) throws -> Int {
    if let problem = nameProblem(name.utf8) ?? (name.utf8.last == 0x2F ? "it names a directory" : nil) {
      throw ArchiveError.unsafeName(path: path, entry: name, reason: problem)
    }
    guard bytes.count < 1 << 33 else {
      throw ArchiveError.tooLarge(path: path, entry: name, reason: "\(bytes.count) bytes, more than a tar entry holds")
    }
    let header = TarHeader(name: Array(name.utf8), size: bytes.count, kind: .file)
    if let block = header.encoded() {
      try write(block)
    } else {
      try writePaxName(name)
      try write(shortened(header))
    }
    let start = file.offset
    try file.write(bytes)
    digest.update(bytes)
    try pad()
    return start
  }

  /// Appends a file.
  ///
  /// - Returns: where its bytes begin in the tar file.
  @discardableResult
  public func add(name: String, bytes: [UInt8]) throws -> Int {
    try bytes.withUnsafeBytes { try add(name: name, bytes: $0) }
  }

  /// Writes the end of the archive and waits until all is on the disk.
  ///
  /// - Returns: the file's length in bytes and its SHA-256.
  @discardableResult
  public func finish() throws -> (bytes: Int, sha256: String) {
    try write([UInt8](repeating: 0, count: 2 * tarBlock))
    try file.finish()
    return (file.offset, digest.finish())
  }

  private func write(_ bytes: [UInt8]) throws {
    try file.write(bytes)
    digest.update(bytes)
  }

  private func pad() throws {
    let surplus = file.offset % tarBlock
    if surplus > 0 { try write([UInt8](repeating: 0, count: tarBlock - surplus)) }
  }

  /// The extended header that carries the name of the entry after it.
  private func writePaxName(_ name: String) throws {
    let record = paxRecord(key: "path", value: name)
    let header = TarHeader(name: Array("PaxHeaders/path".utf8), size: record.count, kind: .paxNext)
    guard let block = header.encoded() else { preconditionFailure("the pax header's own name fits") }
    try write(block)
    try write(record)
    try pad()
  }

  /// The header with a name that fits; readers take the real one from the pax header before it.
  private func shortened(_ header: TarHeader) -> [UInt8] {
    var short = header
    short.name = Array(header.name.map { $0 < 0x80 ? $0 : 0x5F }.suffix(100).drop { $0 == 0x2F })
    guard let block = short.encoded() else { preconditionFailure("100 ASCII bytes fit") }
    return block
  }
}

/// `LENGTH key=value\n`, where LENGTH counts itself.
private func paxRecord(key: String, value: String) -> [UInt8] {
  let rest = " \(key)=\(value)\n".utf8.count
  var length = rest
  while "\(length)".utf8.count + rest != length { length = "\(length)".utf8.count + rest }
  return Array("\(length) \(key)=\(value)\n".utf8)
}
