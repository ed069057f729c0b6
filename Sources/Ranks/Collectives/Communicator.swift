/// What ranks do together. Three faces: `SoloCommunicator` (one process), `InProcessCommunicator` (threads as ranks,
/// for tests) and `MPICommunicator` (room CollectivesMPI).
///
/// Every call is collective: all ranks make the same calls in the same order with the same sizes and labels; where they
/// do not, `CollectiveError.ranksDisagree` is thrown. `label` names the wait for the person who has to find out what a
/// stuck run was waiting for. Sums are taken in rank order, so the same inputs give the same bits every time
/// (docs/collectives.md says how nodes enter into it). A communicator belongs to the thread that made it.
///
/// An error on one rank leaves the others waiting: the caller prints it and calls `abort`.
public protocol Communicator: AnyObject {
  var rank: Int { get }
  var size: Int { get }
  /// Which node this rank runs on, and with whom.
  var place: NodePlace { get }
  /// What this rank is waiting for; a watchdog thread may keep and read it.
  var waits: WaitBoard { get }

  func barrier(_ label: String) throws
  /// Copies `bytes` of rank `root` to all ranks.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, _ label: String) throws
  /// Element-wise over ranks, in place, the same result everywhere. A NaN of any rank gives NaN.
  func allReduce(_ values: UnsafeMutableBufferPointer<Float>, _ reduction: Reduction, _ label: String) throws
  /// Element-wise over ranks, in place, the same result everywhere. A NaN of any rank gives NaN.
  func allReduce(_ values: UnsafeMutableBufferPointer<Double>, _ reduction: Reduction, _ label: String) throws
  /// Element-wise over ranks, in place, the same result everywhere. Sums wrap around.
  func allReduce(_ values: UnsafeMutableBufferPointer<Int64>, _ reduction: Reduction, _ label: String) throws
  /// Concatenates the ranks' bytes in rank order. `counts[r]` is what rank r brings, known to all.
  func allGather(
    _ local: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int], _ label: String) throws
  /// The gradient of `allGather`: `all` (sum of counts floats on each rank) is summed over ranks, and rank r receives
  /// its `counts[r]` elements.
  func reduceScatter(
    _ all: UnsafeBufferPointer<Float>, into local: UnsafeMutableBufferPointer<Float>, counts: [Int], _ label: String
  ) throws
  /// Memory for `count` floats per rank, zeroed, 64-byte aligned, in which `sumOverRanks` needs no copy within a node.
  /// It stays until `finish`, however soon the arena is dropped. `wire` is what its sums between nodes travel as.
  func makeSharedArena(count: Int, wire: WireFormat, _ label: String) throws -> any SharedArena
  /// A thread that sums `arena` while this one goes on; nil where there is nobody to sum with, and where MPI does not serve
  /// several threads at once. `bucketBytes` is about how much it sums at a time, where given.
  func makeBackgroundSum(of arena: any SharedArena, bucketBytes: Int?, _ label: String) throws -> BackgroundSum?
  /// The orderly end: waits for all ranks and gives everything back. No call, and no arena, may be used afterwards.
  func finish() throws
  /// Ends every rank's process with `code`, now. The caller has printed why.
  func abort(_ code: Int32) -> Never
}

extension Communicator {
  /// An arena whose sums are fp32 everywhere.
  public func makeSharedArena(count: Int, _ label: String) throws -> any SharedArena {
    try makeSharedArena(count: count, wire: .fp32, label)
  }
}

/// How the values of the ranks become one.
public enum Reduction: Sendable {
  case sum, maximum, minimum
}

/// Where a rank runs. Ranks of one node share memory.
public struct NodePlace: Equatable, Sendable {
  /// Index of this rank's node, 0 ..< `nodes`.
  public let node: Int
  public let nodes: Int
  /// Index of this rank within its node, 0 ..< `ranksInNode`.
  public let rankInNode: Int
  public let ranksInNode: Int

  public init(node: Int, nodes: Int, rankInNode: Int, ranksInNode: Int) {
    self.node = node
    self.nodes = nodes
    self.rankInNode = rankInNode
    self.ranksInNode = ranksInNode
  }
}

/// A flat array that each rank has its own copy of, visible to the ranks of the same node.
public protocol SharedArena: AnyObject {
  /// This rank's copy.
  var local: UnsafeMutableBufferPointer<Float> { get }
  /// Replaces this part of all copies by its sum over ranks.
  func sumOverRanks(_ part: Range<Int>, _ label: String) throws

  /// The part of the array that this rank owns when each rank of a node works on one part (as a sharded optimizer
  /// does): the parts follow each other in the order of the node's ranks and cover the array.
  var ownPart: Range<Int> { get }
  /// Replaces `ownPart` of this rank's copy by its sum over all ranks; the rest of `local` keeps this rank's values.
  func sumOwnPart(_ label: String) throws
  /// Copies `ownPart` of each rank to the other ranks of its node: afterwards `local` is the same on all of them.
  func shareOwnParts(_ label: String) throws
}

extension SharedArena {
  /// Replaces all copies by their sum over ranks.
  public func sumOverRanks(_ label: String) throws {
    try sumOverRanks(local.indices, label)
  }
}
