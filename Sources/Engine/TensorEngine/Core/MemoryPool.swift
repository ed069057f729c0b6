internal import Glibc

/// Hands out 64-byte aligned memory and keeps what comes back, so that a warm training step allocates nothing.
///
/// Sizes are rounded up to classes an eighth of a power of two apart: at most 12.5 % is lost, and the same step finds
/// the same classes again. Where captions are longer or shorter than those before, a class may be empty: then a waiting
/// block of up to half more serves, so that the pool holds what the largest step needs and not a set for every
/// length. Not thread-safe: tensors are made and released by the thread that runs the tape.
final class MemoryPool {
  /// Bytes obtained from the system so far, in use or waiting.
  private(set) var reservedBytes = 0
  /// How often the system was asked.
  private(set) var systemAllocations = 0
  /// Of each block the most that was ever asked for at once, where that is counted: what becomes resident.
  private(set) var usedBytes = 0
  private var used: [UnsafeMutableRawPointer: Int]?
  private var free: [Int: [UnsafeMutableRawPointer]] = [:]

  init(countsUse: Bool) { used = countsUse ? [:] : nil }

  func take(byteCount: Int) -> (pointer: UnsafeMutableRawPointer, capacity: Int) {
    let capacity = sizeClass(byteCount)
    let block = takeWaiting(from: capacity) ?? newBlock(capacity)
    if used != nil { count(byteCount, of: block.pointer) }
    return block
  }

  private func newBlock(_ capacity: Int) -> (pointer: UnsafeMutableRawPointer, capacity: Int) {
    systemAllocations += 1
    reservedBytes += capacity
    return (
      used == nil
        ? allocateAligned(byteCount: capacity, surelyUsed: smallest(in: capacity)) : addresses(byteCount: capacity),
      capacity
    )
  }

  private func count(_ byteCount: Int, of block: UnsafeMutableRawPointer) {
    let before = used?[block] ?? 0
    guard byteCount > before else { return }
    usedBytes += byteCount - before
    used?[block] = byteCount
  }

  /// A block of this class or of the next ones, up to half an octave higher.
  private func takeWaiting(from capacity: Int) -> (pointer: UnsafeMutableRawPointer, capacity: Int)? {
    var larger = capacity
    while larger <= capacity + capacity / 2 {
      if let pointer = free[larger]?.popLast() { return (pointer, larger) }
      larger = sizeClass(larger + 1)
    }
    return nil
  }

  func give(_ pointer: UnsafeMutableRawPointer, capacity: Int) {
    free[capacity, default: []].append(pointer)
  }

  deinit {
    // Only sums and frees: the order in which the classes are visited decides nothing.
    for (capacity, pointers) in free {
      for pointer in pointers { if used == nil { Glibc.free(pointer) } else { munmap(pointer, capacity) } }
    }
  }

  /// The fewest bytes for which a block of `capacity` is handed out.
  private func smallest(in capacity: Int) -> Int { capacity - classStep(capacity) + 1 }

  private func sizeClass(_ byteCount: Int) -> Int {
    guard byteCount > 1024 else { return (max(byteCount, 1) + 63) & ~63 }
    let step = classStep(byteCount)
    return (byteCount + step - 1) & ~(step - 1)
  }

  private func classStep(_ byteCount: Int) -> Int {
    1 << (Int.bitWidth - (byteCount - 1).leadingZeroBitCount - 4)
  }
}

/// Zeros that are no memory until they are touched, and that nothing is set aside for: there may be more than the machine has.
private func addresses(byteCount: Int) -> UnsafeMutableRawPointer {
  let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
  guard let made = mmap(nil, byteCount, PROT_READ | PROT_WRITE, flags, -1, 0), made != MAP_FAILED else {
    fatalError("out of addresses: \(byteCount) bytes were asked for; set MMTRAIN_ROOM_CHECK=0, or use a smaller batch")
  }
  return made
}

/// Zero-filled or not is the system's affair: the content is unspecified. Large blocks ask for huge pages, but not beyond
/// the bytes that are `surelyUsed`: of what lies behind them only the small pages that are touched become resident.
func allocateAligned(byteCount: Int, surelyUsed: Int? = nil) -> UnsafeMutableRawPointer {
  let hugePage = 2 << 20
  let isLarge = byteCount >= 2 * hugePage
  var pointer: UnsafeMutableRawPointer?
  guard posix_memalign(&pointer, isLarge ? hugePage : 64, byteCount) == 0, let pointer else {
    fatalError("out of memory: \(byteCount) bytes were asked for; use a smaller batch or a smaller model")
  }
  if isLarge { madvise(pointer, (surelyUsed ?? byteCount) & ~(hugePage - 1), MADV_HUGEPAGE) }
  return pointer
}

/// Zero-filled memory, aligned as `allocateAligned` does it: the block to free, and where the memory begins in it.
func allocateZeroed(byteCount: Int) -> (block: UnsafeMutableRawPointer, pointer: UnsafeMutableRawPointer) {
  let hugePage = 2 << 20
  let isLarge = byteCount >= 2 * hugePage
  let alignment = isLarge ? hugePage : 64
  guard let block = calloc(byteCount + alignment, 1) else {
    fatalError("out of memory: \(byteCount) bytes were asked for; use a smaller batch or a smaller model")
  }
  let pointer = block.alignedUp(toMultipleOf: alignment)
  if isLarge { madvise(pointer, byteCount & ~(hugePage - 1), MADV_HUGEPAGE) }
  return (block, pointer)
}
