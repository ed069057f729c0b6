internal import Glibc

/// Makes `path` and the directories above it; one that is there already is fine.
public func makeDirectory(_ path: String) throws {
  if isDirectory(path) { return }
  let parent = parentDirectory(of: path)
  if parent != path { try makeDirectory(parent) }
  do {
    try change("mkdir", path) { mkdir(path, 0o755) }
  } catch FileError.system(_, _, EEXIST) {
    guard isDirectory(path) else { throw FileError.system(call: "mkdir", path: path, code: ENOTDIR) }
  }
}

/// Whether `path` is a directory or a link to one.
public func isDirectory(_ path: String) -> Bool {
  var status = stat()
  return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Whether `path` exists, links followed.
public func fileExists(_ path: String) -> Bool { access(path, F_OK) == 0 }

/// Whether others than its owner may read a file, or write to it.
public func isOpenToOthers(_ path: String) throws -> Bool {
  var status = stat()
  guard stat(path, &status) == 0 else { throw FileError.last("stat", path) }
  return status.st_mode & 0o077 != 0
}

/// Throws where `path` is no directory in which this process may make files.
public func requireWritableDirectory(_ path: String) throws {
  guard isDirectory(path) else { throw FileError.system(call: "mkdir", path: path, code: ENOTDIR) }
  guard access(path, W_OK | X_OK) == 0 else { throw FileError.last("create", path) }
}

/// The names in a directory, without `.` and `..`, sorted by their bytes: the file system's own order means nothing. In a
/// name that is not UTF-8 the characters that cannot be read are replaced.
public func directoryEntries(_ path: String) throws -> [String] {
  try directoryEntries(Array(path.utf8)).map { String(decoding: $0, as: UTF8.self) }
}

/// The same by bytes, which are what the system calls files by, whether they are UTF-8 or not.
public func directoryEntries(_ path: [UInt8]) throws -> [[UInt8]] {
  guard let directory = withPath(path, { opendir($0) }) else {
    throw FileError.last("opendir", String(decoding: path, as: UTF8.self))
  }
  defer { closedir(directory) }
  var names: [[UInt8]] = []
  while let entry = readdir(directory) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: UInt8.self, capacity: 256) { Array(UnsafeBufferPointer(start: $0, count: strlen($0))) }
    }
    if !name.elementsEqual(".".utf8), !name.elementsEqual("..".utf8) { names.append(name) }
  }
  return names.sorted { $0.lexicographicallyPrecedes($1) }
}

/// Lends a path as system calls take it.
public func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) throws -> Result) rethrows -> Result {
  try (path + [0]).withUnsafeBufferPointer { bytes in
    try bytes.withMemoryRebound(to: CChar.self) { characters in
      guard let start = characters.baseAddress else { preconditionFailure("a path has at least its end") }
      return try body(start)
    }
  }
}

/// Removes a file, or a directory with all that is in it. Links are removed, never followed.
public func removeTree(_ path: String) throws {
  var status = stat()
  guard lstat(path, &status) == 0 else {
    if errno == ENOENT { return }
    throw FileError.last("lstat", path)
  }
  if status.st_mode & S_IFMT == S_IFDIR {
    for name in try directoryEntries(path) { try removeTree(path + "/" + name) }
    try change("rmdir", path) { rmdir(path) }
  } else {
    try change("unlink", path) { unlink(path) }
  }
}

/// Removes a directory that is empty; one that holds something stays.
public func removeEmptyDirectory(_ path: String) throws {
  do {
    try change("rmdir", path) { rmdir(path) }
  } catch FileError.system(_, _, ENOTEMPTY) {}
}

/// Renames, and makes the new name durable; it must be on the same file system.
public func moveFile(_ path: String, to target: String) throws {
  try change("rename", target) { rename(path, target) }
  try synchronizeDirectory(parentDirectory(of: target))
}

/// Makes the names in a directory durable, as fsync does for the bytes of a file.
public func synchronizeDirectory(_ path: String) throws {
  let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
  guard descriptor >= 0 else { throw FileError.last("open", path) }
  defer { close(descriptor) }
  try change("fsync", path) { fsync(descriptor) }
}

/// The path without its last component: `a/b` for `a/b/c`, `.` for `a`, `/` for `/`.
public func parentDirectory(of path: String) -> String {
  var trimmed = path[...]
  while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
  guard let slash = trimmed.lastIndex(of: "/") else { return "." }
  return slash == trimmed.startIndex ? "/" : String(trimmed[..<slash])
}

/// The last component of a path: `c` for `a/b/c/`.
public func lastComponent(of path: String) -> String {
  var trimmed = path[...]
  while trimmed.count > 1, trimmed.last == "/" { trimmed.removeLast() }
  return trimmed.lastIndex(of: "/").map { String(trimmed[trimmed.index(after: $0)...]) } ?? String(trimmed)
}

/// The path from the root, links resolved; nil where nothing is there.
public func absolutePath(_ path: String) -> String? {
  guard let resolved = realpath(path, nil) else { return nil }
  defer { free(resolved) }
  return String(cString: resolved)
}
