/// What ranks do together. Three faces: `SoloCommunicator` (one process), `InProcessCommunicator` (threads as ranks,
/// for tests) and `MPICommunicator` (room CollectivesMPI).
///
/// Every call is collective: all ranks make the same calls in the same order with the same sizes. `label` names the
/// wait for the person who has to find out what a stuck run was waiting for. Sums are taken in rank order, so the same
/// inputs give the same bits every time.
public protocol Communicator: AnyObject {
  var rank: Int { get }
  var size: Int { get }

  func barrier(_ label: String) throws
  /// Copies `bytes` of rank `root` to all ranks.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, _ label: String) throws
  /// Element-wise over ranks, in place, the same result everywhere.
  func allReduce(_ values: UnsafeMutableBufferPointer<Float>, _ reduction: Reduction, _ label: String) throws
  func allReduce(_ values: UnsafeMutableBufferPointer<Double>, _ reduction: Reduction, _ label: String) throws
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
  func makeSharedArena(count: Int, _ label: String) throws -> any SharedArena
  /// Ends every rank's process with `code`, now. The caller has printed why.
  func abort(_ code: Int32) -> Never
}

public enum Reduction: Sendable {
  case sum, maximum, minimum
}

/// A flat array that each rank has its own copy of, visible to the ranks of the same node.
public protocol SharedArena: AnyObject {
  /// This rank's copy.
  var local: UnsafeMutableBufferPointer<Float> { get }
  /// Replaces all copies by their sum over ranks.
  func sumOverRanks(_ label: String) throws
}
