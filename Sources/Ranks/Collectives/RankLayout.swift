/// Which ranks share which node, the same table on every rank. Nodes are numbered by their lowest rank, the ranks of a
/// node are in ascending order.
package struct RankLayout: Sendable {
  package let rank: Int
  /// The ranks of each node.
  package let nodes: [[Int]]
  package let node: Int
  package let local: Int

  /// `nodeKeys[r]` names the node of rank r: ranks with the same key are together. A `nodeSize` divides nodes further,
  /// so that several can be simulated on one machine.
  package init(rank: Int, nodeKeys: [Int], nodeSize: Int? = nil) {
    var nodes: [[Int]] = []
    var keys: [Int] = []
    for (other, key) in nodeKeys.enumerated() {
      // The last node with this key is the one that may have room.
      if let open = keys.lastIndex(of: key), nodes[open].count < nodeSize ?? .max {
        nodes[open].append(other)
      } else {
        keys.append(key)
        nodes.append([other])
      }
    }
    self.rank = rank
    self.nodes = nodes
    let node = nodes.firstIndex { $0.contains(rank) } ?? 0
    self.node = node
    self.local = nodes[node].firstIndex(of: rank) ?? 0
  }

  package var size: Int { nodes.reduce(0) { $0 + $1.count } }
  /// The ranks of this rank's node.
  package var team: [Int] { nodes[node] }
  /// How many ranks of each node own a part of what is summed: as many as the smallest node has, so that each of them
  /// finds its counterpart on every node.
  package var owners: Int { nodes.map(\.count).min() ?? 1 }

  package var place: NodePlace {
    NodePlace(node: node, nodes: nodes.count, rankInNode: local, ranksInNode: team.count)
  }

  /// The part of `range` that belongs to owner `index`, in whole cache lines as far as the range starts on one.
  package func part(_ range: Range<Int>, ofOwner index: Int) -> Range<Int> {
    guard index < owners else { return range.upperBound..<range.upperBound }
    let lines = (range.count + 15) / 16
    func edge(_ owner: Int) -> Int { min(range.upperBound, range.lowerBound + lines * owner / owners * 16) }
    return edge(index)..<edge(index + 1)
  }
}
