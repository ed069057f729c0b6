internal import Foundation

/// Threads of one process as ranks, for tests: the same meetings, sums and checks as between processes, without MPI.
public enum InProcessCommunicator {
  /// Runs `body` as `ranks` ranks, each on a thread of its own, and returns their results in rank order. With a
  /// `nodeSize`, every so many ranks form a node, and nodes exchange messages as they do between machines.
  ///
  /// Where ranks throw, the others are released from their waits with `CollectiveError.peerFailed`, and the error of the
  /// rank that failed first is thrown here.
  public static func run<Result: Sendable>(
    ranks: Int, nodeSize: Int? = nil, _ body: @escaping @Sendable (any Communicator) throws -> Result
  ) throws -> [Result] {
    precondition(ranks > 0 && nodeSize ?? 1 > 0, "at least one rank, in nodes of at least one")
    let world = ThreadWorld()
    let results = RankResults<Result>(count: ranks)
    let done = DispatchSemaphore(value: 0)
    for rank in 0..<ranks {
      let layout = RankLayout(rank: rank, nodeKeys: .init(repeating: 0, count: ranks), nodeSize: nodeSize)
      let thread = Thread {
        results.set(rank, runRank(layout, world, body))
        done.signal()
      }
      thread.stackSize = 8 << 20
      thread.start()
    }
    for _ in 0..<ranks { done.wait() }
    if let error = world.firstError { throw error }
    return results.values()
  }

  private static func runRank<Result: Sendable>(
    _ layout: RankLayout, _ world: ThreadWorld, _ body: @Sendable (any Communicator) throws -> Result
  ) -> Result? {
    var started: TeamCommunicator?
    do {
      let host = ThreadHost(layout: layout, world: world)
      let communicator = try TeamCommunicator(layout: layout, host: host, links: host.links)
      started = communicator
      let result = try body(communicator)
      // A rank that ends early meets the others here, who then see that it came to another call.
      try communicator.finish()
      return result
    } catch {
      world.fail(error, rank: layout.rank)
      started?.fail()
      return nil
    }
  }
}

/// One place a rank for what its thread returns.
private final class RankResults<Value: Sendable>: @unchecked Sendable {
  // Sendable: guarded by the lock.
  private let lock = NSLock()
  private var found: [Value?]

  init(count: Int) { found = .init(repeating: nil, count: count) }

  func set(_ rank: Int, _ value: Value?) { lock.withLock { found[rank] = value } }
  func values() -> [Value] { lock.withLock { found.compactMap { $0 } } }
}
