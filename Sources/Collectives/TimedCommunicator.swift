internal import Glibc

/// A communicator that knows how long it has waited and copied: the `communication_seconds` of a step.
public final class TimedCommunicator: Communicator {
  private let inner: any Communicator
  /// Seconds spent in collective calls so far.
  public private(set) var seconds = 0.0

  public init(_ inner: any Communicator) { self.inner = inner }

  public var rank: Int { inner.rank }
  public var size: Int { inner.size }
  public var place: NodePlace { inner.place }
  public var waits: WaitBoard { inner.waits }

  fileprivate func timed<Result>(_ work: () throws -> Result) rethrows -> Result {
    let start = now()
    defer { seconds += now() - start }
    return try work()
  }

  public func barrier(_ label: String) throws { try timed { try inner.barrier(label) } }

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, _ label: String) throws {
    try timed { try inner.broadcast(bytes, root: root, label) }
  }

  public func allReduce(_ values: UnsafeMutableBufferPointer<Float>, _ reduction: Reduction, _ label: String) throws {
    try timed { try inner.allReduce(values, reduction, label) }
  }

  public func allReduce(_ values: UnsafeMutableBufferPointer<Double>, _ reduction: Reduction, _ label: String) throws {
    try timed { try inner.allReduce(values, reduction, label) }
  }

  public func allReduce(_ values: UnsafeMutableBufferPointer<Int64>, _ reduction: Reduction, _ label: String) throws {
    try timed { try inner.allReduce(values, reduction, label) }
  }

  public func allGather(
    _ local: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int], _ label: String
  ) throws {
    try timed { try inner.allGather(local, into: all, counts: counts, label) }
  }

  public func reduceScatter(
    _ all: UnsafeBufferPointer<Float>, into local: UnsafeMutableBufferPointer<Float>, counts: [Int], _ label: String
  ) throws {
    try timed { try inner.reduceScatter(all, into: local, counts: counts, label) }
  }

  public func makeSharedArena(count: Int, _ label: String) throws -> any SharedArena {
    TimedArena(try inner.makeSharedArena(count: count, label), self)
  }

  public func finish() throws { try timed { try inner.finish() } }

  public func abort(_ code: Int32) -> Never { inner.abort(code) }
}

private final class TimedArena: SharedArena {
  private let inner: any SharedArena
  private let timer: TimedCommunicator

  init(_ inner: any SharedArena, _ timer: TimedCommunicator) { (self.inner, self.timer) = (inner, timer) }

  var local: UnsafeMutableBufferPointer<Float> { inner.local }

  func sumOverRanks(_ part: Range<Int>, _ label: String) throws {
    try timer.timed { try inner.sumOverRanks(part, label) }
  }

  var ownPart: Range<Int> { inner.ownPart }

  func sumOwnPart(_ label: String) throws { try timer.timed { try inner.sumOwnPart(label) } }

  func shareOwnParts(_ label: String) throws { try timer.timed { try inner.shareOwnParts(label) } }
}

private func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}
