internal import Glibc

/// Keeps other processes from a piece of work, by the kernel's lock on a file (`flock`): it ends with its process. The
/// file stays, empty, as it does with Python's filelock: whoever unlinks a lock file that others wait for splits them.
public final class FileLock {
  private let descriptor: Int32

  /// Waits for the lock. Makes the file, and the directories above it.
  ///
  /// - Parameter waiting: called before each wait of a fifth of a second, where another process has the lock; what it gets is
  ///   true for the first one.
  public init(_ path: String, waiting: (_ isFirst: Bool) -> Void) throws {
    try makeDirectory(parentDirectory(of: path))
    var opened: Int32 = -1
    try change("create", path) {
      opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      return opened
    }
    descriptor = opened
    var isFirst = true
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      guard errno == EWOULDBLOCK || errno == EINTR else { throw FileError.last("flock", path) }
      waiting(isFirst)
      isFirst = false
      usleep(200_000)
    }
  }

  deinit { close(descriptor) }
}
