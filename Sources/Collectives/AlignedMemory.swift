/// Zeroed bytes on a cache line of their own, given back with the object.
final class AlignedMemory: @unchecked Sendable {
  // Sendable: the address never changes; who writes what is settled by the ranks' meetings.
  let base: UnsafeMutableRawPointer

  init(byteCount: Int) {
    base = .allocate(byteCount: max(64, byteCount), alignment: 64)
    base.initializeMemory(as: UInt8.self, repeating: 0, count: max(64, byteCount))
  }

  deinit {
    base.deallocate()
  }
}
