internal import Glibc

/// A file whose lines are added one by one and never changed: a line is on the disk before `append` returns, or it is not there.
public final class AppendOnlyFile {
  public let path: String
  private let descriptor: Int32
  private var count: Int
  /// Bytes of a line that was not finished when its process ended; it was never there.
  public let torn: Int

  /// Opens the file, or creates it, with access for its owner alone.
  public init(_ path: String) throws {
    self.path = path
    var opened: Int32 = -1
    try change("open", path) {
      opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
      return opened
    }
    descriptor = opened
    do {
      let bytes = try readFile(path)
      count = bytes.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      torn = bytes.count - count
      // A file that nobody finds after a crash would have lost its lines.
      if bytes.isEmpty { try synchronizeDirectory(parentDirectory(of: path)) }
      if torn > 0 { try change("ftruncate", path) { [count] in ftruncate(opened, off_t(count)) } }
    } catch {
      close(opened)
      throw error
    }
  }

  deinit { close(descriptor) }

  /// Whether no line is there.
  public var isEmpty: Bool { count == 0 }

  /// Adds a line, and waits until it is on the disk.
  /// - Parameter line: without a line break.
  public func append(_ line: String) throws {
    let bytes = Array((line + "\n").utf8)
    do {
      try DiskHook.current?.before("write", path)
      var written = 0
      while written < bytes.count {
        let done = bytes[written...].withUnsafeBytes {
          pwrite(descriptor, $0.baseAddress, $0.count, off_t(count + written))
        }
        if done < 0, errno == EINTR { continue }
        guard done > 0 else { throw FileError.last("write", path) }
        written += done
      }
      try change("fsync", path) { fsync(descriptor) }
    } catch {
      // Half of a line is none.
      ftruncate(descriptor, off_t(count))
      throw error
    }
    count += bytes.count
  }
}
