internal import CLinux
internal import Glibc

/// An open directory. What is named in it is found from the descriptor and never through a link, so that nobody who
/// moves or replaces directories in the meantime leads a write elsewhere. Names are single components.
public final class DirectoryHandle {
  /// For messages.
  public let path: String
  let descriptor: Int32

  /// Opens a directory that is there.
  public init(_ path: String) throws {
    self.path = path
    descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw FileError.last("open", path) }
  }

  /// Opens the directory `name` in `parent`, and makes it where it is missing.
  public init(_ name: String, in parent: DirectoryHandle) throws {
    path = parent.path + "/" + name
    let flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW
    var opened = openat(parent.descriptor, name, flags)
    if opened < 0, errno == ENOENT {
      let made = path
      try change("mkdir", made) { mkdirat(parent.descriptor, name, 0o755) }
      opened = openat(parent.descriptor, name, flags)
    }
    guard opened >= 0 else { throw FileError.last("open", path) }
    descriptor = opened
  }

  deinit { close(descriptor) }

  /// Gives a file of this directory its name in another one of the same file system, replacing a file there.
  public func move(_ name: String, to target: DirectoryHandle, as newName: String) throws {
    try change("rename", target.path + "/" + newName) {
      renameat(descriptor, name, target.descriptor, newName)
    }
  }

  /// Removes a file, where it is there.
  public func remove(_ name: String) throws {
    do {
      try change("unlink", path + "/" + name) { unlinkat(descriptor, name, 0) }
    } catch FileError.missing {}
  }

  /// Whether names that differ in case alone are one file here, as on the disks of other systems.
  ///
  /// - Parameter probe: a name in lower case of a file that may come and go.
  public func foldsCase(probe: String) throws -> Bool {
    let made = openat(descriptor, probe, O_CREAT | O_WRONLY | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard made >= 0 else { throw FileError.last("open", path + "/" + probe) }
    close(made)
    let folds = faccessat(descriptor, probe.uppercased(), F_OK, 0) == 0
    try remove(probe)
    return folds
  }

  /// Makes all that was written on this directory's file system durable. For thousands of files that is one wait instead
  /// of thousands.
  public func synchronizeFileSystem() throws {
    try change("syncfs", path) { syncfs(descriptor) }
  }
}
