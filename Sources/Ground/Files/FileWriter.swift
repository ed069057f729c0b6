internal import Glibc

/// Writes one file so that it is there whole or not at all: bytes go to a temporary name in the same directory, then
/// fsync, rename, fsync of the directory. Nothing is overwritten in place, and a failure leaves no temporary file.
public func writeAtomically(to path: String, _ body: (inout FileWriter) throws -> Void) throws {
  let temporary = temporaryName(for: path)
  try removeTree(temporary)
  do {
    var writer = try FileWriter(creating: temporary)
    do {
      try body(&writer)
      try writer.finish()
    } catch {
      writer.abandon()
      throw error
    }
    try change("rename", path) { rename(temporary, path) }
  } catch {
    try? removeTree(temporary)
    throw error
  }
  try synchronizeDirectory(parentDirectory(of: path))
}

/// The same for bytes that are already in memory.
public func writeAtomically(_ bytes: some Sequence<UInt8>, to path: String) throws {
  try writeAtomically(to: path) { writer in try writer.write(Array(bytes)) }
}

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
    descriptor = -1
    var opened: Int32 = -1
    try change("create", path) {
      opened = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
      return opened
    }
    descriptor = opened
    buffer.reserveCapacity(capacity)
  }

  /// Creates the file `name` in a directory, where it must not exist.
  public init(creating name: String, in directory: DirectoryHandle) throws {
    path = directory.path + "/" + name
    descriptor = -1
    var opened: Int32 = -1
    try change("create", path) {
      opened = openat(directory.descriptor, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o644)
      return opened
    }
    descriptor = opened
    buffer.reserveCapacity(capacity)
  }

  /// Appends the bytes; they reach the file when the buffer is full, or at the end.
  public mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
    offset += bytes.count
    if buffer.count + bytes.count > capacity { try flush() }
    if bytes.count > capacity {
      try writeThrough(bytes)
    } else {
      buffer.append(contentsOf: bytes)
    }
  }

  /// Appends the bytes.
  public mutating func write(_ bytes: [UInt8]) throws {
    try bytes.withUnsafeBytes { try write($0) }
  }

  /// Appends the text as UTF-8.
  public mutating func write(_ text: String) throws {
    try write(Array(text.utf8))
  }

  /// Writes what is buffered, waits until it is on the disk, closes.
  ///
  /// - Parameter isDurable: false leaves the waiting to somebody who does it for many files at once.
  public mutating func finish(isDurable: Bool = true) throws {
    try flush()
    if isDurable { try change("fsync", path) { fsync(descriptor) } }
    let open = descriptor
    descriptor = -1
    try change("close", path) { close(open) }
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
    if !bytes.isEmpty { try DiskHook.current?.before("write", path) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw FileError.last("write", path) }
      rest = rest.dropFirst(count)
    }
  }
}
