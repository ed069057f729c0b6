internal import Glibc

/// A mutex with one condition. The standard library has mutexes but no condition to wait on, and Foundation's would bring
/// all of Foundation in.
final class Monitor: @unchecked Sendable {  // the pointers never change; what they point at is made for sharing
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    let codes = (pthread_mutex_init(mutex, nil), pthread_cond_init(condition, nil))
    precondition(codes == (0, 0), "a mutex or condition could not be made")
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func locked<Result>(_ body: () throws -> Result) rethrows -> Result {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body()
  }

  /// Within `locked`: gives the lock up until something changes.
  func wait() { pthread_cond_wait(condition, mutex) }

  /// Within `locked`: something changed.
  func wakeAll() { pthread_cond_broadcast(condition) }
}

/// A thread that can be joined.
struct WorkerThread: ~Copyable {
  private let thread: pthread_t

  /// Runs `body` on a new thread.
  init(_ body: @escaping @Sendable () -> Void) throws(BatchingError) {
    final class Box {
      let body: @Sendable () -> Void
      init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }
    let box = Unmanaged.passRetained(Box(body))
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    guard code == 0 else {
      box.release()
      throw .threads(code: code)
    }
    self.thread = thread
  }

  /// Waits until the body has returned.
  consuming func join() { pthread_join(thread, nil) }
}
