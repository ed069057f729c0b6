internal import Glibc

/// Writes one file so that it is there whole or not at all: bytes go to a temporary name in the same directory, then
/// fsync, rename, fsync of the directory. Nothing is overwritten in place, and a failure leaves no temporary file.
public func writeAtomically(to path: String, _ body: (inout FileWriter) throws -> Void) throws {
  let temporary = temporaryName(for: path)
  do {
    var writer = try FileWriter(creating: temporary)
    do {
      try body(&writer)
      try writer.finish()
    } catch {
      writer.abandon()
      throw error
    }
    guard rename(temporary, path) == 0 else { throw FileError.last("rename", path) }
  } catch {
    unlink(temporary)
    throw error
  }
  try synchronizeDirectory(parentDirectory(of: path))
}

/// The same for bytes that are already in memory.
public func writeAtomically(_ bytes: some Sequence<UInt8>, to path: String) throws {
  try writeAtomically(to: path) { writer in try writer.write(Array(bytes)) }
}

/// Temporary names carry the process id, so that a later start can tell which owner is dead.
func temporaryName(for path: String) -> String { "\(path).tmp-\(getpid())" }

/// A buffered writer over a file descriptor; EINTR and short writes are handled here and nowhere else.
public struct FileWriter {
  /// Bytes written so far.
  public private(set) var offset = 0
  private let path: String
  private var descriptor: Int32
  private var buffer: [UInt8] = []
  private let capacity = 1 << 18

  /// Creates the file `path`, which must not exist.
  public init(creating path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw FileError.last("create", path) }
    buffer.reserveCapacity(capacity)
  }

  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    offset += bytes.count
    if buffer.count + bytes.count > capacity { try flush() }
    if bytes.count > capacity {
      try writeThrough(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  public mutating func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  public mutating func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  /// Writes what is buffered, waits until it is on the disk, closes.
  public mutating func finish() throws {
    try flush()
    guard fsync(descriptor) == 0 else { throw FileError.last("fsync", path) }
    let open = descriptor
    descriptor = -1
    guard close(open) == 0 else { throw FileError.last("close", path) }
  }

  /// Closes without a promise about the content.
  public mutating func abandon() {
    if descriptor >= 0 { close(descriptor) }
    descriptor = -1
  }

  private mutating func flush() throws {
    try buffer.withUnsafeBytes { try writeThrough($0) }
    buffer.removeAll(keepingCapacity: true)
  }

  private func writeThrough(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError.last("write", path) }
      rest = rest.dropFirst(count)
    }
  }
}
