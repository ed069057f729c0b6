internal import Glibc
internal import Synchronization

/// Says what a rank is waiting for, to any thread of its process: a watchdog reads it, the rank's communicator writes
/// it.
public final class WaitBoard: Sendable {
  /// A collective call that has begun and not ended.
  public struct Wait: Sendable {
    /// For example "allReduce of 3".
    public let operation: String
    public let label: String
    /// How many collective calls this rank made before it.
    public let number: Int
    public let seconds: Double
    /// Ranks of this node that have not come to the point where this rank is. Empty while other nodes or messages
    /// between nodes are awaited.
    public let missingRanks: [Int]
    /// The ranks have not found each other yet.
    public let isStart: Bool
  }

  /// Work of some ranks for which all meet again and again, so that it is no wait in a single call.
  public struct Work: Sendable {
    public let label: String
    /// Those that are at it.
    public let ranks: [Int]
    /// Grows as they get on.
    public let progress: Int
    /// Where this rank is with it; nil where it is not at it.
    public let place: String?
  }

  private struct State {
    var call: Call?
    var since: UInt64 = 0
    var number = 0
    var busy: UInt64 = 0
    var bytes = 0
    var missing: (@Sendable () -> [Int])?
    var work: Work?
  }
  private let state = Mutex(State())

  public init() {}

  /// The call that the rank is in now, or nil while it computes.
  public var current: Wait? {
    state.withLock { state in
      guard let call = state.call else { return nil }
      return Wait(
        operation: call.operation, label: call.label, number: state.number,
        seconds: Double(monotonicNanoseconds() - state.since) * 1e-9, missingRanks: state.missing?() ?? [],
        isStart: call.kind == .start)
    }
  }

  /// The work that this rank does while others wait, or waits for; nil where there is none.
  public internal(set) var work: Work? {
    get { state.withLock { $0.work } }
    set { state.withLock { $0.work = newValue } }
  }

  /// Seconds that this rank has spent in collective calls so far, waiting included.
  public var secondsInCalls: Double {
    state.withLock { Double($0.busy) * 1e-9 }
  }

  /// Bytes that this rank's collective calls so far were about, each element once however many ranks there are; none on
  /// one rank, which exchanges nothing.
  public var bytesInCalls: Int { state.withLock { $0.bytes } }

  /// `body`, with the start of the ranks on the board meanwhile: what they do before they can call each other.
  package func duringStart<Result>(_ body: () throws -> Result) rethrows -> Result {
    try during(Call(.start, "start"), body)
  }

  /// `body`, with `call` on the board meanwhile.
  func during<Result>(_ call: Call, _ body: () throws -> Result) rethrows -> Result {
    let start = monotonicNanoseconds()
    state.withLock { state in
      state.call = call
      state.since = start
    }
    defer {
      state.withLock { state in
        state.call = nil
        state.number += 1
        state.bytes += call.byteCount
        state.busy += monotonicNanoseconds() - start
      }
    }
    return try body()
  }

  /// Sets how to find out who is missing; nil before the memory it looks at goes away.
  func setMissingRanks(_ missing: (@Sendable () -> [Int])?) {
    state.withLock { $0.missing = missing }
  }
}

/// A clock that nobody sets, in nanoseconds.
func monotonicNanoseconds() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
