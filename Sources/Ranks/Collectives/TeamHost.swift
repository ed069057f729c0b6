/// What lets the ranks of a node be a team: memory that all of them see, and a way to end. Threads of one process have
/// one kind, MPI processes another.
package protocol TeamHost: AnyObject {
  /// Each rank of the node brings a `byteCount` of its own and receives the segments of all, in the order of the node's
  /// ranks: zeroed, 64-byte aligned, valid until `finish`. Collective within the node.
  func allocate(byteCount: Int, _ label: String) throws -> [UnsafeMutableRawPointer]
  /// Whether a second thread of this rank may make calls at the same time.
  var allowsLanes: Bool { get }
  /// The same ranks once more, for calls that another thread makes beside this one's; their meetings and messages never
  /// mix. That thread calls `claim` first. Collective.
  func makeLane() throws -> (host: any TeamHost, links: (any NodeLinks)?)
  /// From now on the calling thread makes the calls.
  func claim()
  /// Gives back the memory and what else was taken. Collective over all ranks, after their last meeting.
  func finish() throws
  func abort(_ code: Int32) -> Never
}

/// How nodes exchange bytes. A job on one node has none.
package protocol NodeLinks: AnyObject {
  /// Between the first ranks of all nodes: places `counts[n]` bytes of node n at `offsets[n]` of `all`, where this
  /// node's own are already.
  func gather(_ all: UnsafeMutableRawBufferPointer, counts: [Int], offsets: [Int], _ label: String) throws
  /// Between the first ranks of all nodes.
  func broadcast(_ bytes: UnsafeMutableRawBufferPointer, rootNode: Int, _ label: String) throws
  /// Between the owners of the same part on all nodes: replaces `values` by their sum, added in the order of nodes; the
  /// same bits on all nodes. As bf16, what is added and the sum are rounded.
  func sum(_ values: UnsafeMutableBufferPointer<Float>, as wire: WireFormat, _ label: String) throws
  /// Moves messages on while this rank waits for its own node.
  func progress()
}
