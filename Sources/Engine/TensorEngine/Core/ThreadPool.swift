internal import Glibc
internal import Synchronization

/// A fixed set of threads that share the iterations of one loop at a time.
///
/// Iterations are handed out one by one, so they must be independent; which thread runs which never changes a result.
/// Between loops a worker spins for some microseconds, then sleeps: an idle pool takes no time from other ranks.
public final class ThreadPool: @unchecked Sendable {  // all shared state is atomic or guarded by the mutex
  /// Threads that work, the caller's own included.
  public let threadCount: Int

  private let generation = Atomic<Int>(0)
  private let nextIndex = Atomic<Int>(0)
  private let busyWorkers = Atomic<Int>(0)
  private let isStopping = Atomic<Bool>(false)
  private var count = 0
  private var body: ((_ worker: Int, _ index: Int) -> Void)?
  private let lock = Lock()
  private var workers: [pthread_t] = []
  private let spinLimit: Int
  private let isIdle: Bool

  /// - Parameters:
  ///   - spins: whether workers may wait busily for a moment; false where ranks share cores.
  ///   - isIdle: whether loops are asked for and none is run.
  public init(threadCount: Int, spins: Bool = true, isIdle: Bool = false) {
    precondition(threadCount > 0, "a pool needs at least one thread")
    (self.threadCount, self.isIdle) = (threadCount, isIdle)
    spinLimit = spins ? 4_000 : 0
    guard !isIdle else { return }
    for worker in 1..<max(threadCount, 1) { start(worker) }
  }

  /// Runs `body(worker, index)` for each index in 0 ..< count and returns when all are done.
  /// `worker` < threadCount tells which thread runs it, for scratch memory.
  public func run(_ count: Int, _ body: (_ worker: Int, _ index: Int) -> Void) {
    guard !isIdle else { return }
    if threadCount == 1 || count <= 1 {
      for index in 0..<count { body(0, index) }
      return
    }
    withoutActuallyEscaping(body) { escaping in
      self.count = count
      self.body = escaping
      nextIndex.store(0, ordering: .relaxed)
      busyWorkers.store(threadCount - 1, ordering: .relaxed)
      lock.locked { _ = generation.add(1, ordering: .releasing) }
      lock.wakeAll()
      takeIndices(worker: 0)
      waitUntil { busyWorkers.load(ordering: .acquiring) == 0 }
      self.body = nil
    }
  }

  /// Ends the threads; the pool must not be used afterwards.
  public func stop() {
    isStopping.store(true, ordering: .releasing)
    lock.locked { _ = generation.add(1, ordering: .releasing) }
    lock.wakeAll()
    for worker in workers { pthread_join(worker, nil) }
    workers = []
  }

  private func takeIndices(worker: Int) {
    guard let body else { return }
    while true {
      let index = nextIndex.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      body(worker, index)
    }
  }

  private func waitUntil(_ condition: () -> Bool) {
    for _ in 0..<spinLimit {
      if condition() { return }
      pause()
    }
    lock.wait(until: condition)
  }

  private func work(_ worker: Int) {
    var seen = 0
    while true {
      waitUntil { generation.load(ordering: .acquiring) != seen }
      seen = generation.load(ordering: .acquiring)
      if isStopping.load(ordering: .acquiring) { return }
      takeIndices(worker: worker)
      if busyWorkers.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
        lock.locked {}
        lock.wakeAll()
      }
    }
  }

  private final class Start {
    let pool: ThreadPool
    let worker: Int
    init(_ pool: ThreadPool, _ worker: Int) { (self.pool, self.worker) = (pool, worker) }
  }

  private func start(_ worker: Int) {
    var thread = pthread_t()
    let argument = Unmanaged.passRetained(Start(self, worker)).toOpaque()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        let start = Unmanaged<Start>.fromOpaque(argument).takeRetainedValue()
        start.pool.work(start.worker)
        return nil
      }, argument)
    precondition(code == 0, "cannot start a thread: \(String(cString: strerror(code)))")
    workers.append(thread)
  }

  private func pause() {
    // A full barrier costs some tens of cycles: a polite spin without inline assembly.
    atomicMemoryFence(ordering: .sequentiallyConsistent)
  }
}

/// A mutex with one condition.
private final class Lock: @unchecked Sendable {
  private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(mutex, nil)
    pthread_cond_init(condition, nil)
  }

  deinit {
    pthread_cond_destroy(condition)
    pthread_mutex_destroy(mutex)
    condition.deallocate()
    mutex.deallocate()
  }

  func locked(_ body: () -> Void) {
    pthread_mutex_lock(mutex)
    body()
    pthread_mutex_unlock(mutex)
  }

  func wakeAll() { pthread_cond_broadcast(condition) }

  func wait(until isDone: () -> Bool) {
    pthread_mutex_lock(mutex)
    while !isDone() { pthread_cond_wait(condition, mutex) }
    pthread_mutex_unlock(mutex)
  }
}
