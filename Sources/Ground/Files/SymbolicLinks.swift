internal import Glibc

/// Where a symbolic link points, as it is written there; nil if there is no link of that name.
public func linkTarget(_ link: String) -> String? {
  var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
  let count = readlink(link, &buffer, buffer.count)
  return count < 0 ? nil : String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
}

/// Points the symbolic link `link` at `target`, replacing what it pointed at in one step.
public func replaceLink(_ link: String, target: String) throws {
  let temporary = temporaryName(for: link)
  try removeTree(temporary)
  try change("symlink", link) { symlink(target, temporary) }
  do {
    try change("rename", link) { rename(temporary, link) }
  } catch {
    try? removeTree(temporary)
    throw error
  }
  try synchronizeDirectory(parentDirectory(of: link))
}

/// What tells the link at `path` from another one that has replaced it; nil where no link is, or it points at nothing.
public func linkNumber(_ path: String) -> UInt64? {
  var (link, target) = (stat(), stat())
  guard lstat(path, &link) == 0, link.st_mode & S_IFMT == S_IFLNK, stat(path, &target) == 0 else { return nil }
  return UInt64(link.st_ino) &* 1_000_003 &+ UInt64(bitPattern: Int64(link.st_ctim.tv_sec)) &* 1_000_000_007
    &+ UInt64(bitPattern: Int64(link.st_ctim.tv_nsec))
}

/// Whether symbolic links can be made in a directory: not on exFAT, on shares of Windows, in some stores behind FUSE.
public func allowsLinks(in directory: String) throws -> Bool {
  let probe = temporaryName(for: directory + "/link")
  try removeTree(probe)
  do {
    try change("symlink", probe) { symlink(".", probe) }
  } catch FileError.system("symlink", _, let code) where [EPERM, ENOSYS, EOPNOTSUPP].contains(code) {
    return false
  }
  try removeTree(probe)
  return true
}
