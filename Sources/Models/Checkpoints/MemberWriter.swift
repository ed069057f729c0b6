internal import Dispatch
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

  /// Each piece is hashed by another thread while this one writes it.
  mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    var start = 0
    while start < bytes.count {
      let end = min(start + 8 << 20, bytes.count)
      try hashAndWrite(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      start = end
    }
  }

  private mutating func hashAndWrite(_ piece: UnsafeRawBufferPointer) throws {
    // Not worth another thread's waking.
    guard piece.count > 1 << 16 else {
      hash.update(piece)
      return try writer.write(piece)
    }
    // The other thread has ended with both before this call returns.
    nonisolated(unsafe) let (hash, hashed) = (hash, piece)
    let group = DispatchGroup()
    DispatchQueue.global().async(group: group) { hash.update(hashed) }
    defer { group.wait() }
    try writer.write(piece)
  }

  /// Waits for the disk, and says what was written.
  mutating func finish() throws -> Checkpoint.Member {
    try writer.finish()
    return Checkpoint.Member(name: name, size: writer.offset, sha256: hash.finish())
  }

  mutating func abandon() { writer.abandon() }
}
