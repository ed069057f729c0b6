internal import Glibc

/// The name under which `path` is made before it becomes final: it says whose work it is, so that a later start can
/// tell which owner is dead. One process makes a path only once at a time.
func temporaryName(for path: String) -> String { path + temporaryMark + Owner.current.text }

let temporaryMark = ".tmp-"

/// What a dead process left behind, for the log.
public struct SweptTemporary: Equatable, Sendable {
  /// What was removed.
  public var path: String
  /// Bytes of the file, or of all files below the directory.
  public var bytes: Int
  /// Since it was last changed.
  public var ageInSeconds: Int
}

/// Removes temporary files and staging directories in `directory` whose owners are dead, and says what they were.
///
/// Another host's processes cannot be seen from here. Their leftovers stay, unless the caller shows that it holds the
/// `lock` of the run or data set that `directory` belongs to: then no other process can be at work in it.
@discardableResult
public func sweepTemporaries(in directory: String, holding lock: DirectoryLock? = nil) throws -> [SweptTemporary] {
  guard isDirectory(directory) else { return [] }
  var swept: [SweptTemporary] = []
  for name in try directoryEntries(directory) {
    guard let mark = name.range(of: temporaryMark), let owner = Owner(text: name[mark.upperBound...]),
      owner.isOnThisHost ? !owner.isAlive : lock != nil
    else { continue }
    let path = directory + "/" + name
    let age = secondsSinceChange(path)
    let bytes = try treeSize(path)
    try removeTree(path)
    swept.append(SweptTemporary(path: path, bytes: bytes, ageInSeconds: age))
  }
  return swept
}

/// The bytes of a file, or of all files below a directory; links count as nothing.
public func treeSize(_ path: String) throws -> Int {
  var status = stat()
  guard lstat(path, &status) == 0 else { throw FileError.last("lstat", path) }
  switch status.st_mode & S_IFMT {
  case S_IFREG: return Int(status.st_size)
  case S_IFDIR: return try directoryEntries(path).reduce(0) { sum, name in try sum + treeSize(path + "/" + name) }
  default: return 0
  }
}

private func secondsSinceChange(_ path: String) -> Int {
  var status = stat()
  guard lstat(path, &status) == 0 else { return 0 }
  return max(0, time(nil) - status.st_mtim.tv_sec)
}

extension String {
  /// The last place where `mark` occurs.
  fileprivate func range(of mark: String) -> Range<String.Index>? {
    let bytes = Array(utf8)
    let wanted = Array(mark.utf8)
    guard bytes.count >= wanted.count else { return nil }
    for start in (0...(bytes.count - wanted.count)).reversed()
    where bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
      let lower = utf8.index(utf8.startIndex, offsetBy: start)
      return lower..<utf8.index(lower, offsetBy: wanted.count)
    }
    return nil
  }
}
