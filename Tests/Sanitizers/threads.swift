import Glibc

// The thread pool of TensorEngine and the prefetcher of Batching under the thread sanitizer: launch/sanitize compiles their
// files together with this one, which stands in for what the prefetcher makes.

/// A sample by its number.
struct SampleTask: Sendable {
  var number: Int
}

/// What an error message asks for.
enum SampleKey {
  static let maximumLength = 200
}

/// Writes its number over the pixels of its photo; some samples fail.
private struct NumberMaker: PhotoMaker {
  let photoSize = 64
  let failing: Int

  func make(_ task: SampleTask, into pixels: UnsafeMutableBufferPointer<Float>) throws(BatchingError) -> Int {
    if task.number == failing { throw .batchTooSmall(batch: task.number, ranks: 0) }
    for place in pixels.indices { pixels[place] = Float(task.number) }
    return task.number
  }
}

@main struct Threads {
  static func main() {
    let wrong = sums(rounds: 3_000) + batches(rounds: 40)
    print("threads: 3000 loops of a pool, 40 prefetched runs, \(wrong) wrong")
    exit(wrong == 0 ? 0 : 1)
  }

  /// Loops of few and of many iterations, with and without waiting busily, over memory that all threads write to.
  static func sums(rounds: Int) -> Int {
    var wrong = 0
    for (spins, share) in [(true, rounds / 2), (false, rounds / 2)] {
      let pool = ThreadPool(threadCount: 4, spins: spins)
      var values = [Int](repeating: 0, count: 500)
      for round in 0..<share {
        let count = round % values.count
        values.withUnsafeMutableBufferPointer { values in
          nonisolated(unsafe) let values = values
          pool.run(count) { _, index in values[index] = round + index }
        }
        if (0..<count).contains(where: { values[$0] != round + $0 }) { wrong += 1 }
      }
      pool.stop()
    }
    return wrong
  }

  /// Runs of 30 batches that are read to the end, that meet a sample which fails, and that are given up in the middle.
  static func batches(rounds: Int) -> Int {
    var wrong = 0
    for round in 0..<rounds {
      let failing = round % 3 == 1 ? 100 : -1
      let plan: @Sendable (Int) -> [SampleTask]? = { batch in
        batch < 30 ? (0..<7).map { SampleTask(number: batch * 7 + $0) } : nil
      }
      guard
        let prefetcher = try? Prefetcher(
          maker: NumberMaker(failing: failing), workers: 1 + round % 4, ahead: 3, largestBatch: 7, plan: plan)
      else { return wrong + 1 }
      var seen = 0
      do {
        while round % 3 != 2 || seen < 10, let batch = try prefetcher.next() {
          let pixels = batch.pixels.array()
          for (place, task) in batch.tasks.enumerated()
          where task.number != seen * 7 + place || pixels[place * 64] != Float(task.number) {
            wrong += 1
          }
          seen += 1
        }
      } catch {
        if failing < 0 || seen != 14 { wrong += 1 }
      }
      if failing < 0, seen != (round % 3 == 2 ? 10 : 30) { wrong += 1 }
    }
    return wrong
  }
}
