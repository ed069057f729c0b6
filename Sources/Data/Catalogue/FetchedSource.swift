internal import Files

/// The files of a data set, all of which are here and checked.
public struct FetchedSource {
  /// Archives with the photos and what else lies in them, to be read as one.
  public let archives: [String]
  /// The caption file, where it is one of its own; lists of splits may lie beside it.
  public let captions: String?
  /// A file of splits, where it is one of its own.
  public let splits: String?
  /// Keeps other processes out for as long as the files are used.
  private let lock: DirectoryLock

  init(archives: [String], captions: String?, splits: String?, lock: DirectoryLock) {
    (self.archives, self.captions, self.splits, self.lock) = (archives, captions, splits, lock)
  }

  /// Lets other processes at the files.
  public func release() { lock.release() }
}
