internal import Files

/// Where archives are unpacked that cannot be read where they lie: one tree an archive, named by its SHA-256, so that
/// what an earlier run left is taken up for the same archive only, read in the same way. Held by one process at a time.
public final class UnpackingDirectory {
  /// Made when the first archive is unpacked.
  public let path: String
  private var lock: DirectoryLock?

  /// Nothing is made yet.
  public init(_ path: String) { self.path = path }

  /// The directory with the archive's files, unpacked now or by an earlier run, and what was decided about them.
  ///
  /// - Throws: `ArchiveError`; `FileError`, of which `.locked` means that another process unpacks here.
  func tree(
    of archive: String, limits: ArchiveLimits, encoding: NameEncoding?,
    progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> (path: String, notes: [String]) {
    if lock == nil { lock = try DirectoryLock(path) }
    var name = try sha256(ofFile: archive)
    if let encoding { name = sha256(Array((name + encoding.rawValue).utf8)) }
    let target = path + "/" + name
    return (target, try extract(archive, to: target, limits: limits, encoding: encoding, progress: progress))
  }

  /// Removes all trees, those of earlier runs too, and nothing else that a directory of this name may hold. Where another
  /// process is at work nothing is removed.
  public func remove() throws {
    guard isDirectory(path) else { return }
    let trees = try directoryEntries(path).filter(isTreeName)
    if trees.isEmpty, lock == nil { return }
    guard let held = lock ?? (try? DirectoryLock(path)) else { return }
    for tree in trees { try removeTree(path + "/" + tree) }
    held.release()
    lock = nil
    try removeEmptyDirectory(path)
  }
}

/// A SHA-256, also of a tree that is not whole, or of the notes beside one.
private func isTreeName(_ name: String) -> Bool {
  let ending = [".partial", ".notes"].first { name.hasSuffix($0) }
  let digits = name.dropLast(ending?.count ?? 0)
  return digits.utf8.count == 64 && digits.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
}
