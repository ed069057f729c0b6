internal import Glibc
internal import Reporting

/// Keeps a directory for one process: a second one is refused with the owner's host and process number.
///
/// The lock is the kernel's (`flock` on the file `.lock`), so it ends with its process, however that ends. The file
/// also names the owner. That name alone decides where the kernel's lock does not reach: on a file system that several
/// machines may share, another host is believed, since not every one passes locks on; and where there are no kernel locks
/// at all a live process of this host is believed.
public final class DirectoryLock {
  /// The directory that is held.
  public let directory: String
  private var descriptor: Int32
  private var path: String { directory + "/.lock" }

  /// Makes the directory where it is missing. Throws `FileError.locked` if somebody else holds it.
  public convenience init(_ directory: String) throws {
    try self.init(directory, isLocal: isOnLocalFileSystem)
  }

  /// - Parameter isLocal: whether the file system of a descriptor is this machine's alone.
  package init(_ directory: String, isLocal: (Int32) -> Bool) throws {
    self.directory = directory
    descriptor = -1
    try makeDirectory(directory)
    descriptor = try acquire(directory + "/.lock", isLocal)
    do {
      try writeOwner()
    } catch {
      close(descriptor)
      descriptor = -1
      throw error
    }
  }

  /// Looks whether the directory could be had, and leaves it as it is. Throws `FileError.locked` if somebody holds it.
  public static func check(_ directory: String) throws {
    let path = directory + "/.lock"
    let descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      if errno == ENOENT { return }
      throw FileError.last("create", path)
    }
    defer { close(descriptor) }
    try lock(descriptor, path, isOnLocalFileSystem)
  }

  deinit { release() }

  /// Gives the directory up, as the end of the object does.
  public func release() {
    guard descriptor >= 0 else { return }
    try? change("unlink", path) { unlink(path) }  // before closing: afterwards the name may be somebody else's
    close(descriptor)
    descriptor = -1
  }

  private func writeOwner() throws {
    let owner = Owner.current
    let line = Array("pid \(owner.process) on \(owner.host) started \(owner.start)\n".utf8)
    try change("ftruncate", path) { ftruncate(descriptor, 0) }
    try change("write", path) { pwrite(descriptor, line, line.count, 0) == line.count ? 0 : -1 }
  }
}

/// The descriptor of the lock file, locked. A file that was unlinked or replaced between opening and locking is no lock
/// any more, hence the loop.
private func acquire(_ path: String, _ isLocal: (Int32) -> Bool) throws -> Int32 {
  while true {
    let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
    guard descriptor >= 0 else { throw FileError.last("create", path) }
    do {
      try lock(descriptor, path, isLocal)
    } catch {
      close(descriptor)
      throw error
    }
    if isSameFile(descriptor, path) { return descriptor }
    close(descriptor)
  }
}

private func lock(_ descriptor: Int32, _ path: String, _ isLocal: (Int32) -> Bool) throws {
  let locked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
  let code = errno
  let owner = readOwner(descriptor)
  if !locked, code == EWOULDBLOCK {
    throw FileError.locked(path: parentDirectory(of: path), owner: describe(owner))
  }
  guard let owner, owner != Owner.current else { return }
  if !owner.isOnThisHost {
    // A container that was killed leaves the name of a host that never comes back.
    if locked, isLocal(descriptor) { return }
    throw FileError.locked(
      path: parentDirectory(of: path), owner: "\(describe(owner)) (if that has ended, delete \(path))")
  }
  if !locked, owner.isAlive {
    throw FileError.locked(path: parentDirectory(of: path), owner: describe(owner))
  }
}

private func describe(_ owner: Owner?) -> String {
  owner.map { "process \($0.process) on \($0.host)" } ?? "another process"
}

/// The owner named in a lock file; nil where it is empty or says something else.
private func readOwner(_ descriptor: Int32) -> Owner? {
  var buffer = [UInt8](repeating: 0, count: 256)
  let count = pread(descriptor, &buffer, buffer.count, 0)
  guard count > 0 else { return nil }
  let words = String(decoding: buffer[..<count], as: UTF8.self).split { $0 == " " || $0 == "\n" }
  guard words.count == 6, words[0] == "pid", words[2] == "on", words[4] == "started",
    let process = Int32(words[1]), process > 0, let start = UInt64(words[5])
  else { return nil }
  return Owner(host: String(words[3]), process: process, start: start)
}

private func isSameFile(_ descriptor: Int32, _ path: String) -> Bool {
  var opened = stat()
  var named = stat()
  return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
    && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
}
