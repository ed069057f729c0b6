internal import Glibc

/// A file that comes bit by bit, over several processes if need be, and gets its final name when it is whole. Unlike a
/// temporary of `writeAtomically` it stays when its process ends. One process at a time: hold a `FileLock`.
public final class PartialFile {
  public let path: String
  /// Bytes that are there.
  public private(set) var count: Int
  private var descriptor: Int32

  /// Opens what an earlier process left, or creates the file.
  public init(_ path: String) throws {
    self.path = path
    descriptor = -1
    count = 0
    var opened: Int32 = -1
    try change("create", path) {
      opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      return opened
    }
    descriptor = opened
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw FileError.last("fstat", path) }
    count = Int(status.st_size)
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Appends, past every buffer of this process: what has come is kept if the process is killed.
  public func append(_ bytes: UnsafeRawBufferPointer) throws {
    if !bytes.isEmpty { try DiskHook.current?.before("write", path) }
    var rest = bytes[...]
    while !rest.isEmpty {
      let written = pwrite(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, off_t(count))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw FileError.last("write", path) }
      count += written
      rest = rest.dropFirst(written)
    }
  }

  /// Forgets all bytes.
  public func clear() throws {
    try change("ftruncate", path) { ftruncate(descriptor, 0) }
    count = 0
  }

  /// Hands over all bytes that are there, in order, a part at a time.
  public func forEachPart(_ body: (UnsafeRawBufferPointer) -> Void) throws {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset = 0
    while offset < count {
      let got = pread(descriptor, &buffer, min(buffer.count, count - offset), off_t(offset))
      if got < 0, errno == EINTR { continue }
      guard got > 0 else { throw FileError.last("read", path) }
      buffer.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[..<got])) }
      offset += got
    }
  }

  /// Waits until the bytes are on the disk and gives the file its final name, replacing what had it.
  public func commit(to target: String) throws {
    try change("fsync", path) { fsync(descriptor) }
    try moveFile(path, to: target)
  }
}

/// Bytes that a process like this one may still write on the file system of `directory`.
public func freeSpace(in directory: String) throws -> Int {
  var status = statvfs()
  guard statvfs(directory, &status) == 0 else { throw FileError.last("statvfs", directory) }
  return Int(clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
}
