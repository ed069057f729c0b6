internal import Glibc

/// One process on its own: every call returns at once, and MPI is never started.
public final class SoloCommunicator: Communicator {
  public let waits = WaitBoard()

  public init() {}

  public var rank: Int { 0 }
  public var size: Int { 1 }
  public var place: NodePlace { NodePlace(node: 0, nodes: 1, rankInNode: 0, ranksInNode: 1) }

  public func barrier(_ label: String) {}

  public func broadcast(_ bytes: UnsafeMutableRawBufferPointer, root: Int, _ label: String) throws {
    guard root == 0 else { throw CollectiveError.wrongArgument(label: label, problem: "no rank \(root)") }
  }

  public func allReduce(_ values: UnsafeMutableBufferPointer<Float>, _ reduction: Reduction, _ label: String) {}
  public func allReduce(_ values: UnsafeMutableBufferPointer<Double>, _ reduction: Reduction, _ label: String) {}
  public func allReduce(_ values: UnsafeMutableBufferPointer<Int64>, _ reduction: Reduction, _ label: String) {}

  public func allGather(
    _ local: UnsafeRawBufferPointer, into all: UnsafeMutableRawBufferPointer, counts: [Int], _ label: String
  ) throws {
    try check(counts, local: local.count, all: all.count, label)
    all.copyMemory(from: local)
  }

  public func reduceScatter(
    _ all: UnsafeBufferPointer<Float>, into local: UnsafeMutableBufferPointer<Float>, counts: [Int], _ label: String
  ) throws {
    try check(counts, local: local.count, all: all.count, label)
    _ = local.update(from: all)
  }

  public func makeSharedArena(count: Int, wire: WireFormat, _ label: String) throws -> any SharedArena {
    guard count >= 0 else { throw CollectiveError.wrongArgument(label: label, problem: "\(count) floats") }
    return SoloArena(count: count)
  }

  public func makeBackgroundSum(of arena: any SharedArena, bucketBytes: Int?, _ label: String) -> BackgroundSum? { nil }

  public func finish() {}

  public func abort(_ code: Int32) -> Never {
    fflush(nil)
    _exit(code)
  }

  private func check(_ counts: [Int], local: Int, all: Int, _ label: String) throws {
    guard counts == [local], local == all else {
      throw CollectiveError.wrongArgument(
        label: label, problem: "\(local) of \(all) elements where the counts say \(counts)")
    }
  }
}

/// Plain memory: the sum over one rank is there already.
private final class SoloArena: SharedArena {
  let local: UnsafeMutableBufferPointer<Float>
  private let memory: AlignedMemory

  init(count: Int) {
    memory = AlignedMemory(byteCount: count * MemoryLayout<Float>.stride)
    local = UnsafeMutableBufferPointer(start: memory.base.assumingMemoryBound(to: Float.self), count: count)
  }

  func sumOverRanks(_ part: Range<Int>, _ label: String) throws {
    guard part.lowerBound >= 0, part.upperBound <= local.count else {
      throw CollectiveError.wrongArgument(label: label, problem: "elements \(part) of an arena of \(local.count)")
    }
  }

  var ownPart: Range<Int> { local.indices }
  func sumOwnPart(_ label: String) {}
  func shareOwnParts(_ label: String) {}
}
