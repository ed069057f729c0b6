internal import Glibc

/// A block of raw memory that tensors are views of.
public final class Storage {
  package let pointer: UnsafeMutableRawPointer
  package let byteCount: Int
  private let source: Source

  private enum Source {
    case pool(MemoryPool, capacity: Int)
    /// Memory that belongs to `owner`, for example a window shared with other ranks.
    case external(owner: AnyObject?)
    /// Began at `block`.
    case own(block: UnsafeMutableRawPointer)
  }

  init(byteCount: Int, pool: MemoryPool) {
    let (pointer, capacity) = pool.take(byteCount: byteCount)
    self.pointer = pointer
    self.byteCount = byteCount
    source = .pool(pool, capacity: capacity)
  }

  /// Zero-filled memory outside any pool, for what lives as long as the model. Large blocks come from the system as pages
  /// that are zero once they are touched, and are no memory before: gradients that nobody computes cost nothing.
  package init(zeroed byteCount: Int) {
    let (block, pointer) = allocateZeroed(byteCount: byteCount)
    self.pointer = pointer
    self.byteCount = byteCount
    source = .own(block: block)
  }

  package init(external pointer: UnsafeMutableRawPointer, byteCount: Int, owner: AnyObject?) {
    self.pointer = pointer
    self.byteCount = byteCount
    source = .external(owner: owner)
  }

  deinit {
    switch source {
    case .pool(let pool, let capacity): pool.give(pointer, capacity: capacity)
    case .own(let block): free(block)
    case .external: break
    }
  }
}
