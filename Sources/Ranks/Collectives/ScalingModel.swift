/// What a training step costs on any number of nodes, from what was measured on one: docs/scaling.md writes the formula
/// out and sets it beside measured steps.
public struct ScalingModel: Equatable, Sendable {
  /// Seconds of forward and backward for the pairs of a node, on all its cores.
  public var computeSeconds: Double
  /// Seconds of the gradient's norm and AdamW over all parameters, on all cores of a node.
  public var optimizerSeconds: Double
  /// S: bytes of the gradient.
  public var gradientBytes: Double
  /// Bytes of one pair's feature of one tower.
  public var featureBytes: Double
  /// Pairs of a step on each node.
  public var pairsPerNode: Double
  /// A meeting of a node's ranks, and a byte that all of them together read or write in the node's memory.
  public var memory: LinkCost

  public init(
    computeSeconds: Double, optimizerSeconds: Double, gradientBytes: Double, featureBytes: Double,
    pairsPerNode: Double, memory: LinkCost
  ) {
    (self.computeSeconds, self.optimizerSeconds) = (computeSeconds, optimizerSeconds)
    (self.gradientBytes, self.featureBytes) = (gradientBytes, featureBytes)
    (self.pairsPerNode, self.memory) = (pairsPerNode, memory)
  }

  /// Collective calls of a step that carry next to nothing: their cost is that of a few messages.
  public static let smallCalls = 8.0
  /// The part of forward and backward that is backward, behind which sums between nodes can hide.
  public static let backwardShare = 2.0 / 3
}

/// The nodes of a job and what is between them.
public struct Cluster: Equatable, Sendable {
  public var nodes: Int
  public var ranksPerNode: Int
  public var network: LinkCost
  /// Whether the nodes are simulated on one machine, which then does the work of all of them for one node's pairs.
  /// `network` is then what was measured between two of them.
  public var isSimulated: Bool

  public init(nodes: Int, ranksPerNode: Int, network: LinkCost, isSimulated: Bool = false) {
    precondition(nodes > 0 && ranksPerNode > 0, "at least one node with at least one rank")
    (self.nodes, self.ranksPerNode, self.network, self.isSimulated) = (nodes, ranksPerNode, network, isSimulated)
  }
}

/// The terms of a predicted step, in seconds.
public struct PredictedStep: Equatable, Sendable {
  public var compute = 0.0
  /// Sums within the node, and the new weights from each rank to the others.
  public var nodeSum = 0.0
  /// Sums of the slices between nodes, as far as they are not hidden.
  public var sliceSum = 0.0
  public var optimizer = 0.0
  /// Features of the global batch, and the way back of their gradients.
  public var features = 0.0
  public var smallCalls = 0.0

  public var total: Double { compute + nodeSum + sliceSum + optimizer + features + smallCalls }
}

extension ScalingModel {
  /// - Parameters:
  ///   - wire: what the sums of gradients between nodes travel as.
  ///   - overlaps: whether they travel while the backward pass goes on.
  public func step(on cluster: Cluster, wire: WireFormat = .fp32, overlaps: Bool = false) -> PredictedStep {
    let slices = sliceSum(cluster, wire, sequential: overlaps)
    var step = PredictedStep(
      compute: computeSeconds, nodeSum: nodeSum(cluster), sliceSum: slices.seconds,
      optimizer: optimizerSeconds * crowd(cluster), features: features(cluster), smallCalls: smallCalls(cluster))
    if overlaps {
      // What is summed last cannot hide: its gradients are there only when the backward pass ends.
      step.sliceSum = max(slices.seconds / slices.buckets, slices.seconds - computeSeconds * Self.backwardShare)
    }
    return step
  }

  /// What a step on one node costs, as a share of what the same pairs a node cost here: 1 is perfect.
  public func efficiency(of step: PredictedStep, ranksPerNode: Int) -> Double {
    let alone = Cluster(nodes: 1, ranksPerNode: ranksPerNode, network: LinkCost(latency: 0, secondsPerByte: 0))
    return self.step(on: alone).total / step.total
  }

  /// How many nodes share one node's memory and cores.
  private func crowd(_ cluster: Cluster) -> Double { cluster.isSimulated ? Double(cluster.nodes) : 1 }

  /// Each rank reads its part of r copies, writes it to one, and then to the r − 1 others: (2r + 1)·S in all.
  private func nodeSum(_ cluster: Cluster) -> Double {
    guard cluster.ranksPerNode > 1 else { return 0 }
    return memory.seconds(
      messages: 4, bytes: Double(2 * cluster.ranksPerNode + 1) * gradientBytes * crowd(cluster))
  }

  /// 2(n − 1) messages a bucket and two barriers, 2(n − 1)/n of the bytes, and the adding of n slices of 1/n each.
  /// - Parameter sequential: the ranks of a node take turns rather than sum their parts at once.
  private func sliceSum(
    _ cluster: Cluster, _ wire: WireFormat, sequential: Bool
  ) -> (seconds: Double, buckets: Double) {
    let n = Double(cluster.nodes)
    guard n > 1 else { return (0, 1) }
    let part = sequential ? gradientBytes : gradientBytes / Double(cluster.ranksPerNode)
    let buckets = max(1, (part / Double(GradientBuckets.usualBytes)).rounded(.up))
    let carried = gradientBytes * Double(wire.bytesPerFloat) / 4
    let seconds =
      network(cluster).seconds(messages: 2 * buckets * (n - 1 + depth(cluster)), bytes: 2 * (n - 1) / n * carried)
      + memory.secondsPerByte * (n + 1) / n * gradientBytes * crowd(cluster)
    return (seconds, buckets)
  }

  /// Of each tower: the gather brings F bytes to every node, the reduce-scatter sums them between all.
  private func features(_ cluster: Cluster) -> Double {
    let (n, r) = (Double(cluster.nodes), Double(cluster.ranksPerNode))
    guard n * r > 1 else { return 0 }
    let pairs = cluster.isSimulated ? pairsPerNode : pairsPerNode * n
    let bytes = pairs * featureBytes
    let inMemory = memory.secondsPerByte * (6 * r + 1) * bytes * crowd(cluster)
    guard n > 1 else { return 2 * inMemory }
    let slot = Double(Exchange.slotBytes(ranks: cluster.nodes * cluster.ranksPerNode, nodes: cluster.nodes))
    let rounds = max(1, (bytes / (n * r) / slot).rounded(.up))
    let chunks = max(1, (bytes / Double(TeamCommunicator.scratchFloats * 4)).rounded(.up))
    let between = network(cluster).seconds(
      messages: (rounds + 2 * chunks) * (n - 1), bytes: 3 * (n - 1) / n * bytes)
    return 2 * (between + inMemory)
  }

  private func smallCalls(_ cluster: Cluster) -> Double {
    let meetings = cluster.ranksPerNode > 1 ? 2 * Self.smallCalls * memory.latency : 0
    guard cluster.nodes > 1 else { return meetings }
    // The nodes compare the call, then exchange what it carries, each in a tree.
    return meetings + Self.smallCalls * 2 * depth(cluster) * network(cluster).latency
  }

  /// ⌈log₂n⌉
  private func depth(_ cluster: Cluster) -> Double {
    Double((cluster.nodes - 1).bitWidth - (cluster.nodes - 1).leadingZeroBitCount)
  }

  /// Between simulated nodes all messages pass through the memory of one machine: it was measured with two nodes.
  private func network(_ cluster: Cluster) -> LinkCost {
    guard cluster.isSimulated else { return cluster.network }
    return LinkCost(
      latency: cluster.network.latency, secondsPerByte: cluster.network.secondsPerByte * Double(cluster.nodes) / 2)
  }
}
