/// Makes the samples of batches: pixels, and whatever comes with them.
protocol PhotoMaker: Sendable {
  associatedtype Made: Sendable
  /// Floats of one photo: 3×S×S.
  var photoSize: Int { get }
  /// A function of the task: which thread calls it and when has no bearing.
  func make(_ task: SampleTask, into pixels: UnsafeMutableBufferPointer<Float>) throws(BatchingError) -> Made
}

/// Makes batches ahead of their use on threads of its own.
///
/// Threads, not tasks: decoding is long computation that would starve Swift's cooperative pool, `next()` is called from
/// a synchronous loop that shares the cores with BLAS threads, and the number of threads must be the user's choice.
/// Work is dealt out sample by sample, from the oldest batch that has some left, so the batch that is needed next is the
/// one all workers are at. At most `ahead` batches are in flight, which bounds the memory.
///
/// Results do not depend on the number of threads or their timing: a sample is a function of its task, and goes to a
/// place of its own.
final class Prefetcher<Maker: PhotoMaker> {
  private let state: PrefetchState<Maker>
  private var threads: [WorkerThreadBox] = []

  /// - Parameters:
  ///   - workers: threads; with 0, `next()` does the work itself.
  ///   - plan: the samples of the batch with a number (0, 1, …); nil after the last.
  init(
    maker: Maker, workers: Int, ahead: Int, largestBatch: Int, plan: @escaping @Sendable (Int) -> [SampleTask]?
  ) throws(BatchingError) {
    state = PrefetchState(maker: maker, ahead: ahead, largestBatch: largestBatch, plan: plan)
    do {
      for _ in 0..<workers { threads.append(try WorkerThreadBox { [state] in state.work() }) }
    } catch {
      stop()
      throw error
    }
  }

  deinit { stop() }

  /// The next batch, or nil after the last. An error of a sample is thrown in its batch's turn, and again by every
  /// further call.
  func next() throws(BatchingError) -> PrefetchedBatch<Maker.Made>? {
    if threads.isEmpty { state.workOnOneBatch() }
    return try state.takeFirst()
  }

  private func stop() {
    state.stop()
    for thread in threads { thread.join() }
    threads = []
  }
}

/// A noncopyable thread in an array.
private final class WorkerThreadBox {
  private var thread: WorkerThread?

  init(_ body: @escaping @Sendable () -> Void) throws(BatchingError) { thread = try WorkerThread(body) }

  func join() {
    if let thread = thread.take() { thread.join() }
  }
}

/// What the threads share. They hold on to this and not to the `Prefetcher`, whose end ends them.
private final class PrefetchState<Maker: PhotoMaker>: @unchecked Sendable {  // variables are guarded by the monitor
  private let maker: Maker
  private let ahead: Int
  private let plan: @Sendable (Int) -> [SampleTask]?
  private let pool: PixelPool
  private let monitor = Monitor()
  private var pending: [PendingBatch<Maker.Made>] = []  // oldest first
  private var planned = 0
  private var isAtEnd = false
  private var isStopping = false

  init(maker: Maker, ahead: Int, largestBatch: Int, plan: @escaping @Sendable (Int) -> [SampleTask]?) {
    self.maker = maker
    self.ahead = ahead
    self.plan = plan
    pool = PixelPool(capacity: largestBatch * maker.photoSize)
  }

  /// The life of a worker.
  func work() {
    while let work = monitor.locked({ waitForWork() }) { make(work) }
  }

  /// Plans one batch and makes it on the calling thread.
  func workOnOneBatch() {
    monitor.locked { if pending.isEmpty { planBatch() } }
    while let work = monitor.locked({ dealWork() }) { make(work) }
  }

  func takeFirst() throws(BatchingError) -> PrefetchedBatch<Maker.Made>? {
    let batch: PendingBatch<Maker.Made>? = monitor.locked {
      while true {
        if let first = pending.first {
          if first.isComplete { return first }
        } else if isAtEnd {
          return nil
        }
        monitor.wait()
      }
    }
    guard let result = try batch?.result() else { return nil }
    monitor.locked {
      pending.removeFirst()
      monitor.wakeAll()
    }
    return result
  }

  func stop() {
    monitor.locked {
      isStopping = true
      monitor.wakeAll()
    }
  }

  private func make(_ work: consuming PieceOfWork<Maker.Made>) {
    let task = work.batch.tasks[work.number]
    let result: Result<Maker.Made, BatchingError> = work.pixels.withPhoto(work.number, size: maker.photoSize) {
      do throws(BatchingError) {
        return .success(try maker.make(task, into: $0))
      } catch {
        return .failure(error)
      }
    }
    let (batch, number) = (work.batch, work.number)
    _ = consume work  // lets go of the pixels before the batch is called complete
    monitor.locked {
      batch.finish(number, result)
      if batch.isComplete { monitor.wakeAll() }
    }
  }

  /// Within the lock: something to do, or nil when it is time to stop.
  private func waitForWork() -> PieceOfWork<Maker.Made>? {
    while !isStopping {
      if let work = dealWork() { return work }
      if pending.count < ahead, !isAtEnd {
        planBatch()
        monitor.wakeAll()
      } else {
        monitor.wait()
      }
    }
    return nil
  }

  private func dealWork() -> PieceOfWork<Maker.Made>? {
    pending.first { $0.hasWork }?.deal()
  }

  private func planBatch() {
    guard let tasks = plan(planned) else {
      isAtEnd = true
      return
    }
    planned += 1
    pending.append(PendingBatch(tasks: tasks, pixels: pool.take(tasks.count * maker.photoSize)))
  }
}
