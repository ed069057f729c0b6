internal import Files
internal import FoundationEssentials

/// An empty directory that is removed, with all that is in it, when the object goes.
public final class TemporaryDirectory: Sendable {
  public let path: String

  /// Made below the system's directory for temporary files, under a name that no other test has.
  ///
  /// - Parameter inMemory: in /dev/shm where there is one, for tests that wait for the disk thousands of times.
  public init(inMemory: Bool = false) throws {
    let parent =
      inMemory && isDirectory("/dev/shm") ? URL(filePath: "/dev/shm") : FileManager.default.temporaryDirectory
    path = parent.appending(path: "mmtrain-test-\(UUID().uuidString)").path()
    try makeDirectory(path)
  }

  deinit { try? removeTree(path) }

  /// The path of something in it.
  public func callAsFunction(_ name: String) -> String { path + "/" + name }
}
