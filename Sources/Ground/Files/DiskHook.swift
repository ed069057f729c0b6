/// A test's hand on every call that changes the disk: a hook that throws stands for a full disk, or, when it goes on
/// throwing, for a process that died at that call (whatever cleans up afterwards fails as well).
package struct DiskHook: Sendable {
  /// Called before the system call with its name and the path it works on.
  let before: @Sendable (_ call: String, _ path: String) throws -> Void

  /// A hook that is called before each change, and may throw in its place.
  package init(_ before: @escaping @Sendable (_ call: String, _ path: String) throws -> Void) {
    self.before = before
  }

  @TaskLocal static var current: DiskHook?
}

/// Calls `operation` with the hook in the way of every change that it makes to the disk; other tasks see none of it.
package func withDiskHook<Result>(_ hook: DiskHook, _ operation: () throws -> Result) rethrows -> Result {
  try DiskHook.$current.withValue(hook, operation: operation)
}

/// The choke point of this room: every system call that changes the disk is made, tested and reported here.
func change(_ call: String, _ path: String, _ body: () -> Int32) throws {
  try DiskHook.current?.before(call, path)
  guard body() >= 0 else { throw FileError.last(call, path) }
}
