internal import Glibc

/// A directory that is filled under a temporary name next to its final one, and becomes final by one rename: it is
/// there whole or not at all. A crash leaves a temporary that `sweepTemporaries` removes.
public struct StagingDirectory: Sendable {
  /// Where to put the members.
  public let path: String
  /// The final name, which must be free when `commit` is called.
  public let target: String

  /// Makes an empty staging directory.
  public init(for target: String) throws {
    self.target = target
    path = temporaryName(for: target)
    try removeTree(path)
    try makeDirectory(path)
  }

  /// Makes all members durable, renames, makes the new name durable.
  public func commit() throws {
    try synchronizeTree(path)
    try requireFree(target)
    try moveFile(path, to: target)
  }

  /// Removes what was staged; errors are of no use to anyone here.
  public func abandon() {
    try? removeTree(path)
  }
}

/// Makes the directory `target` from what `body` puts into the staging directory it is given. When `body` or the disk
/// fails, nothing is left.
public func makeDirectoryAtomically(_ target: String, _ body: (_ staging: String) throws -> Void) throws {
  try requireFree(target)
  let staging = try StagingDirectory(for: target)
  do {
    try body(staging.path)
    try staging.commit()
  } catch {
    staging.abandon()
    throw error
  }
}

/// Makes a file, or a directory with all that is in it, durable, innermost first. Links are not followed.
public func synchronizeTree(_ path: String) throws {
  var status = stat()
  guard lstat(path, &status) == 0 else { throw FileError.last("lstat", path) }
  switch status.st_mode & S_IFMT {
  case S_IFDIR:
    for name in try directoryEntries(path) { try synchronizeTree(path + "/" + name) }
    try synchronizeDirectory(path)
  case S_IFREG:
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else { throw FileError.last("open", path) }
    defer { close(descriptor) }
    try change("fsync", path) { fsync(descriptor) }
  default:
    break
  }
}

/// Removes a directory so that it is never seen half removed: it loses its name first. What a crash leaves is a
/// temporary that `sweepTemporaries` removes.
public func discardTree(_ path: String) throws {
  let temporary = temporaryName(for: path + ".discarded")  // not the name of its successor's staging directory
  try removeTree(temporary)
  try moveFile(path, to: temporary)
  try removeTree(temporary)
}

private func requireFree(_ target: String) throws(FileError) {
  if entryExists(target) { throw .system(call: "create", path: target, code: EEXIST) }
}

/// Whether something has this name, be it a link that points nowhere.
public func entryExists(_ path: String) -> Bool {
  var status = stat()
  return lstat(path, &status) == 0
}

/// Shows that files can be created, written and made durable in `directory` (which is made where it is missing), so
/// that a read-only place or a full disk is found before the work and not after it.
public func requireWritable(_ directory: String) throws {
  try makeDirectory(directory)
  let probe = directory + "/.probe"
  try writeAtomically("probe\n".utf8, to: probe)
  try removeTree(probe)
}
