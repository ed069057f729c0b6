internal import Glibc

/// A file mapped read-only into memory. Replacing the file by rename leaves an open mapping untouched.
public final class MappedFile: @unchecked Sendable {  // immutable after init: any thread may read
  public let path: String
  /// The bytes; valid as long as this object lives.
  public let bytes: UnsafeRawBufferPointer

  /// Maps a regular file; throws `FileError` for anything else.
  public convenience init(_ path: String) throws {
    // Without O_NONBLOCK opening a pipe would wait for a writer that may never come.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError.last("open", path) }
    defer { close(descriptor) }
    try self.init(descriptor, path)
  }

  /// Maps the regular file `name` of a directory, no link; nil where nothing has that name.
  public convenience init?(existing name: String, in directory: DirectoryHandle) throws {
    let path = directory.path + "/" + name
    let descriptor = openat(directory.descriptor, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    if descriptor < 0, errno == ENOENT { return nil }
    guard descriptor >= 0 else { throw FileError.last("open", path) }
    defer { close(descriptor) }
    try self.init(descriptor, path)
  }

  private init(_ descriptor: Int32, _ path: String) throws {
    self.path = path
    let size = try regularFileSize(descriptor, path)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
      throw FileError.last("mmap", path)
    }
    bytes = UnsafeRawBufferPointer(start: address, count: size)
  }

  deinit {
    if let address = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: address), bytes.count) }
  }
}

/// The whole file, which may be at most `limit` bytes: no length that comes from outside decides an allocation.
public func readFile(_ path: String, limit: Int = 1 << 30) throws -> [UInt8] {
  let file = try MappedFile(path)
  guard file.bytes.count <= limit else {
    throw FileError.tooLarge(path: path, size: file.bytes.count, limit: limit)
  }
  return withExtendedLifetime(file) { Array(file.bytes) }
}

private func regularFileSize(_ descriptor: Int32, _ path: String) throws -> Int {
  var status = stat()
  guard fstat(descriptor, &status) == 0 else { throw FileError.last("fstat", path) }
  guard status.st_mode & S_IFMT == S_IFREG else {
    throw FileError.notAFile(path: path, kind: kind(status.st_mode))
  }
  return Int(status.st_size)
}

private func kind(_ mode: mode_t) -> String {
  switch mode & S_IFMT {
  case S_IFDIR: "a directory"
  case S_IFIFO: "a pipe"
  case S_IFSOCK: "a socket"
  default: "a device"
  }
}
