internal import Files

/// Writes one member of a checkpoint, hashing the bytes on their way to the disk: DONE then says what was meant to be
/// written, whatever the disk makes of it.
struct MemberWriter {
  private let name: String
  private var writer: FileWriter
  private let hash = StreamingSHA256()

  /// - Parameter staging: the directory that `name` is relative to.
  init(_ name: String, in staging: String) throws {
    self.name = name
    let path = staging + "/" + name
    try makeDirectory(parentDirectory(of: path))
    writer = try FileWriter(creating: path)
  }

  /// Pieces small enough to be still in the cache when the second reader comes.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    var start = 0
    while start < bytes.count {
      let end = min(start + 1 << 20, bytes.count)
      let piece = UnsafeRawBufferPointer(rebasing: bytes[start..<end])
      hash.update(piece)
      try writer.write(piece)
      start = end
    }
  }

  /// Waits for the disk, and says what was written.
  mutating func finish() throws -> Checkpoint.Member {
    try writer.finish()
    return Checkpoint.Member(name: name, size: writer.offset, sha256: hash.finish())
  }

  mutating func abandon() { writer.abandon() }
}
