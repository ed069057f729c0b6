internal import Glibc

/// Zeroed bytes on pages of their own, given back with the object. The kernel hands pages out, zeroed, when they are first
/// written: what is never used takes no memory. Huge pages, where the system allows them.
final class AlignedMemory: @unchecked Sendable {
  // Sendable: the address never changes; who writes what is settled by the ranks' meetings.
  let base: UnsafeMutableRawPointer
  private let byteCount: Int

  init(byteCount: Int) {
    self.byteCount = max(64, byteCount)
    let mapped = mmap(
      nil, self.byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
    guard let mapped, mapped != MAP_FAILED else {
      fatalError("out of memory: \(byteCount) bytes were asked for; use a smaller model")
    }
    madvise(mapped, self.byteCount, MADV_HUGEPAGE)
    base = mapped
  }

  deinit { munmap(base, byteCount) }
}
