internal import Glibc

/// Keeps other processes from a piece of work, by the kernel's lock on a file (`flock`): it ends with its process. The
/// file stays, empty, as it does with Python's filelock: whoever unlinks a lock file that others wait for splits them.
public final class FileLock {
  private let descriptor: Int32

  /// Waits for the lock. Makes the file, and the directories above it.
  ///
  /// - Parameter waiting: called once, before waiting, where another process has the lock.
  public init(_ path: String, waiting: () -> Void) throws {
    try makeDirectory(parentDirectory(of: path))
    var opened: Int32 = -1
    try change("create", path) {
      opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
      return opened
    }
    descriptor = opened
    guard flock(descriptor, LOCK_EX | LOCK_NB) != 0 else { return }
    guard errno == EWOULDBLOCK else { throw FileError.last("flock", path) }
    waiting()
    while flock(descriptor, LOCK_EX) != 0 {
      guard errno == EINTR else { throw FileError.last("flock", path) }
    }
  }

  deinit { close(descriptor) }
}
