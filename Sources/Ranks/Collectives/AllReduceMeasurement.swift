internal import CNodeMemory

/// How long the sum over ranks of an array takes on the slowest rank.
public struct AllReduceMeasurement: Codable, Equatable, Sendable {
  public let ranks: Int
  public let nodes: Int
  public let byteCount: Int
  /// `SharedArena.sumOverRanks`.
  public let arena: Timing
  /// The same reads, sums and writes without meetings, every rank at its part: what the memory alone allows. Nil with
  /// several nodes.
  public let memory: Timing?
  /// `MPI_Allreduce` on the same number of floats. Nil where the ranks are not MPI's.
  public let library: Timing?

  /// An all-gather of as many bytes between the first ranks of the nodes, an equal part from each: bytes that are moved and
  /// nothing else. Nil with one node.
  public let links: Timing?

  /// Seconds over the repetitions. On a machine that does other work meanwhile the best one says more.
  public struct Timing: Codable, Equatable, Sendable {
    public let median: Double
    public let best: Double
  }
}

/// Measures `sumOverRanks` on `byteCount` bytes, `repetitions` times after one unmeasured. Collective; the result is the
/// same on all ranks. `library`, where given, does the same with another library's means and is measured in turns.
public func measureAllReduce(
  _ communicator: any Communicator, byteCount: Int, repetitions: Int,
  library: ((UnsafeMutableBufferPointer<Float>) throws -> Void)? = nil
) throws -> AllReduceMeasurement {
  precondition(byteCount >= 0 && repetitions > 0, "an array, and at least one repetition")
  let arena = try communicator.makeSharedArena(count: byteCount / MemoryLayout<Float>.stride, "bench allreduce")
  let plain = AlignedMemory(byteCount: byteCount)
  let own = UnsafeMutableBufferPointer(start: plain.base.assumingMemoryBound(to: Float.self), count: arena.local.count)
  let oneNode = communicator.place.nodes == 1
  var times: [[Double]] = [[], [], [], []]
  for repetition in 0...repetitions {
    // Between the kinds the other arrays pass through the cache: none finds its own data warm.
    arena.local.update(repeating: 1)
    own.update(repeating: 1)
    let arenaTime = try slowest(communicator) { try arena.sumOverRanks("bench allreduce") }
    own.update(repeating: 1)
    let memoryTime = try slowest(communicator) { (arena as? TeamArena)?.addUpOwnPart() }
    arena.local.update(repeating: 1)
    let libraryTime = try slowest(communicator) { try library?(own) }
    let linkTime = try slowest(communicator) { try (communicator as? TeamCommunicator)?.gatherBetweenNodes(own) }
    guard repetition > 0 else { continue }
    for (kind, time) in [arenaTime, memoryTime, libraryTime, linkTime].enumerated() { times[kind].append(time) }
  }
  let timings = times.map { $0.sorted() }
    .map { AllReduceMeasurement.Timing(median: $0[$0.count / 2], best: $0[0]) }
  return AllReduceMeasurement(
    ranks: communicator.size, nodes: communicator.place.nodes, byteCount: byteCount, arena: timings[0],
    memory: oneNode ? timings[1] : nil, library: library == nil ? nil : timings[2],
    links: oneNode ? nil : timings[3])
}

/// Seconds that `body` takes on the rank where it takes longest, all starting together.
private func slowest(_ communicator: any Communicator, _ body: () throws -> Void) throws -> Double {
  try communicator.barrier("bench start")
  let start = monotonicNanoseconds()
  try body()
  var seconds = Double(monotonicNanoseconds() - start) * 1e-9
  try withUnsafeMutablePointer(to: &seconds) {
    try communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .maximum, "bench time")
  }
  return seconds
}

extension TeamArena {
  /// This rank's share of `sumOverRanks` on one node, without asking whether the others are ready.
  fileprivate func addUpOwnPart() {
    sumCopies(ownPart)
  }
}

extension TeamCommunicator {
  /// Brings an equal part of `values` from the first rank of each node to those of all.
  fileprivate func gatherBetweenNodes(_ values: UnsafeMutableBufferPointer<Float>) throws {
    guard let links, layout.local == 0 else { return }
    let bytes = UnsafeMutableRawBufferPointer(values)
    let edges = (0...layout.nodes.count).map { bytes.count * $0 / layout.nodes.count }
    try links.gather(
      bytes, counts: zip(edges.dropFirst(), edges).map { $0 - $1 }, offsets: edges.dropLast(), "bench links")
  }
}
