/// Normalised planar pixels, 64-byte aligned. The loader's workers write them where they stay: a batch of ViT-B/32 at 256
/// photos is 154 MB, which nobody wants to copy, nor to ask the system for anew each step. When the last reference goes,
/// the memory goes back to the loader's pool.
public final class PixelBuffer: @unchecked Sendable {  // written only before it is handed out, by its loader
  /// Floats in use.
  public let count: Int
  private let storage: UnsafeMutablePointer<Float>
  private let pool: PixelPool

  fileprivate init(count: Int, storage: UnsafeMutablePointer<Float>, pool: PixelPool) {
    self.count = count
    self.storage = storage
    self.pool = pool
  }

  deinit { pool.giveBack(storage) }

  /// Lends the floats: valid within `body`.
  public func withUnsafeBufferPointer<Result>(
    _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    try withExtendedLifetime(self) { try body(UnsafeBufferPointer(start: storage, count: count)) }
  }

  /// A copy, for tests and tools.
  public func array() -> [Float] { withUnsafeBufferPointer { Array($0) } }

  /// Lends the floats of one photo to the worker that makes it.
  func withPhoto<Result>(
    _ number: Int, size: Int, _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
  ) rethrows -> Result {
    precondition(number >= 0 && (number + 1) * size <= count, "photo \(number) of a buffer of \(count) floats")
    return try withExtendedLifetime(self) {
      try body(UnsafeMutableBufferPointer(start: storage + number * size, count: size))
    }
  }
}

/// The buffers of one loader, all of one capacity. There are never more than batches alive at once.
final class PixelPool: @unchecked Sendable {  // `free` is guarded by the monitor
  private let capacity: Int
  private let monitor = Monitor()
  private var free: [UnsafeMutablePointer<Float>] = []

  /// - Parameter capacity: floats of a full batch.
  init(capacity: Int) { self.capacity = capacity }

  deinit { for storage in free { UnsafeMutableRawPointer(storage).deallocate() } }

  /// A buffer with undefined content.
  func take(_ count: Int) -> PixelBuffer {
    precondition(count <= capacity, "\(count) floats from a pool of \(capacity)")
    let storage = monitor.locked { free.popLast() } ?? allocate()
    return PixelBuffer(count: count, storage: storage, pool: self)
  }

  fileprivate func giveBack(_ storage: UnsafeMutablePointer<Float>) {
    monitor.locked { free.append(storage) }
  }

  private func allocate() -> UnsafeMutablePointer<Float> {
    UnsafeMutableRawPointer.allocate(byteCount: max(capacity, 1) * MemoryLayout<Float>.stride, alignment: 64)
      .bindMemory(to: Float.self, capacity: max(capacity, 1))
  }
}
