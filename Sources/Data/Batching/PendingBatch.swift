/// A batch in the making; all but the pixels is guarded by the state's monitor.
final class PendingBatch<Made: Sendable> {
  let tasks: [SampleTask]
  private var pixels: PixelBuffer?  // until it is handed over: a worker that lingers must not keep the memory
  private var made: [Made?]
  private var dealt = 0
  private var done = 0
  /// Of the first sample that failed, in the order of the batch, whichever failed first in time.
  private var failure: (number: Int, error: BatchingError)?

  init(tasks: [SampleTask], pixels: PixelBuffer) {
    self.tasks = tasks
    self.pixels = pixels
    made = Array(repeating: nil, count: tasks.count)
  }

  var hasWork: Bool { dealt < tasks.count }
  var isComplete: Bool { done == tasks.count }

  /// A sample for a worker, and the buffer to write it to.
  func deal() -> PieceOfWork<Made>? {
    guard let pixels, hasWork else { return nil }
    defer { dealt += 1 }
    return PieceOfWork(batch: self, number: dealt, pixels: pixels)
  }

  func finish(_ number: Int, _ result: Result<Made, BatchingError>) {
    done += 1
    switch result {
    case .success(let value): made[number] = value
    case .failure(let error): if number < failure?.number ?? .max { failure = (number, error) }
    }
  }

  func result() throws(BatchingError) -> PrefetchedBatch<Made> {
    if let failure { throw failure.error }
    guard let pixels = pixels.take() else { preconditionFailure("a batch is handed over once") }
    return PrefetchedBatch(tasks: tasks, pixels: pixels, made: made.compactMap { $0 })
  }
}

/// One sample of a batch, dealt out to a worker.
struct PieceOfWork<Made: Sendable> {
  let batch: PendingBatch<Made>
  let number: Int
  let pixels: PixelBuffer
}

/// A batch with all its samples made.
struct PrefetchedBatch<Made: Sendable> {
  var tasks: [SampleTask]
  var pixels: PixelBuffer
  var made: [Made]
}
