internal import Foundation

/// Sums an arena over ranks on a thread of its own, bucket by bucket, while the rank's own thread still fills other parts:
/// with several nodes messages travel while the backward pass goes on.
///
/// The thread has meetings and communicators of its own (a lane), in which only it makes calls, all ranks the same buckets in
/// the same order. So it waits for no call of the rank's own thread, and that for none of its, until `finish`: the two can
/// interleave differently on different ranks. The sums are those of `sumOwnPart`, bit by bit.
///
/// The first sum takes the buckets from the end of the arena; from then on all ranks take them in the order in which they
/// became final on rank 0 the first time. Another order on another rank costs it a wait, and changes nothing else.
public final class BackgroundSum: @unchecked Sendable {
  // Sendable: what both threads touch is guarded by the condition's lock.
  private let arena: TeamArena
  private let lane: TeamCommunicator
  private let buckets: [Range<Int>]
  private let waits: WaitBoard
  private let missingRanks: @Sendable () -> [Int]
  private let label: String

  private let condition = NSCondition()
  /// Floats of each bucket that are not final yet on this rank.
  private var pending: [Int]
  /// Buckets in the order in which the last of their floats became final in this sum.
  private var finalOrder: [Int] = []
  private var finishedSums = 0
  private var wantedSums = 0
  private var failure: (any Error)?
  private var isEnding = false
  private var hasEnded = false

  /// - Parameters:
  ///   - waits: of the rank's own thread, where it says that it waits for this sum.
  ///   - missingRanks: what `waits` shows otherwise.
  init(
    of arena: TeamArena, lane: TeamCommunicator, waits: WaitBoard, missingRanks: @escaping @Sendable () -> [Int],
    bucketBytes: Int?, _ label: String
  ) {
    self.arena = TeamArena(arena, in: lane)
    (self.lane, self.waits, self.missingRanks, self.label) = (lane, waits, missingRanks, label)
    // Small arrays in parts too, but not so small that messages cost more than their bytes.
    let bytes = bucketBytes ?? min(GradientBuckets.usualBytes, max(1 << 20, arena.local.count * 4 / 16))
    buckets = Array(GradientBuckets(arena.local.indices, bytes: bytes))
    pending = buckets.map(\.count)
    let thread = Thread { self.run() }
    thread.stackSize = 8 << 20
    thread.start()
  }

  // MARK: The rank's own thread

  /// Begins a sum: nothing is final yet.
  public func begin() {
    condition.withLock {
      precondition(wantedSums == finishedSums || failure != nil, "a sum begins when the one before is finished")
      pending = buckets.map(\.count)
      finalOrder = []
      wantedSums += 1
      condition.broadcast()
    }
  }

  /// Says that this rank writes no element of `range` any more, once for each element.
  public func release(_ range: Range<Int>) {
    condition.withLock {
      for (index, bucket) in buckets.enumerated() where pending[index] > 0 && bucket.overlaps(range) {
        pending[index] -= bucket.clamped(to: range).count
        if pending[index] == 0 { finalOrder.append(index) }
      }
      condition.broadcast()
    }
  }

  private func releaseAll() {
    condition.withLock {
      finalOrder += buckets.indices.filter { pending[$0] > 0 }.reversed()
      pending = .init(repeating: 0, count: buckets.count)
      condition.broadcast()
    }
  }

  /// Says that all is final, and waits until `ownPart` of the arena is its sum over all ranks and every rank of the node has
  /// read this one's copy.
  public func finish() throws {
    releaseAll()
    waits.setMissingRanks(lane.team.missingRanks)
    defer { waits.setMissingRanks(missingRanks) }
    try waits.during(Call(.sumPart, count: arena.local.count, label)) {
      try condition.withLock {
        while finishedSums < wantedSums, failure == nil { condition.wait() }
        if let failure { throw failure }
      }
    }
  }

  /// Ends the thread and gives back what it used. Collective; no sum is under way.
  func end() throws {
    condition.withLock {
      isEnding = true
      condition.broadcast()
      while !hasEnded { condition.wait() }
    }
    lane.waits.setMissingRanks(nil)
    lane.host.claim()
    try lane.host.finish()
  }

  /// Lets the other ranks of the node out of their waits for this one.
  func fail() {
    condition.withLock {
      isEnding = true
      condition.broadcast()
    }
    lane.fail()
  }

  // MARK: The thread of the lane

  private func run() {
    lane.host.claim()
    var found: (any Error)?
    do { try sumUntilTheEnd() } catch { found = error }
    condition.withLock {
      failure = found
      hasEnded = true
      condition.broadcast()
    }
  }

  private func sumUntilTheEnd() throws {
    var order = Array(buckets.indices.reversed())
    while waitUntil({ self.finishedSums < self.wantedSums }) {
      for index in order {
        guard waitUntil({ self.pending[index] == 0 }) else { return }
        let bucket = buckets[index]
        try arena.sumOwnPart(
          in: bucket, Call(.sumBucket, count: bucket.count, detail: UInt64(bucket.lowerBound), label))
      }
      if finishedSums == 0 { order = try orderOfRankZero() }
      try arena.meetAgain(Call(.sumBucket, count: 0, label))
      condition.withLock {
        finishedSums += 1
        condition.broadcast()
      }
    }
  }

  private func orderOfRankZero() throws -> [Int] {
    var order = condition.withLock { finalOrder }
    // An empty bucket is final from the beginning.
    order += buckets.indices.filter { !order.contains($0) }
    try order.withUnsafeMutableBytes { try lane.broadcast($0, root: 0, "order of the buckets") }
    return order
  }

  /// Waits for what the rank's own thread says; false where it says that this is the end.
  private func waitUntil(_ isTrue: () -> Bool) -> Bool {
    condition.withLock {
      while !isTrue(), !isEnding { condition.wait() }
      return !isEnding
    }
  }
}
