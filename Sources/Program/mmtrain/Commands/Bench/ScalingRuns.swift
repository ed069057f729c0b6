internal import Collectives
internal import Foundation
internal import Glibc
internal import Launching
internal import Reporting
internal import Training

/// What was measured on one machine.
struct ScalingMeasurement {
  /// One rank on all cores.
  let alone: StepMeasurement
  /// The same batch on several ranks, with the nodes they were divided into.
  let points: [StepMeasurement]
  /// Of two ranks of a node.
  let memory: LinkCost
  /// Between two simulated nodes.
  let network: LinkCost
  let cores: Int

  /// The model with what one rank took.
  var model: ScalingModel { ScalingModel(alone, memory: memory) }

  /// The nodes of a measured point: simulated ones, if several.
  func cluster(of point: StepMeasurement) -> Cluster {
    Cluster(
      nodes: point.nodes, ranksPerNode: point.ranks / point.nodes, network: network, isSimulated: point.nodes > 1)
  }
}

/// The runs from which scaling is measured: this program, started again alone and under mpirun.
struct ScalingRuns {
  let program: String
  let mpirun: MPIRun
  let cores: Int
  /// Of `bench step`.
  let stepArguments: [String]

  private static let points: [(ranks: Int, nodeSize: Int?)] = [(2, nil), (4, nil), (2, 1), (4, 2), (4, 1)]

  func measure() throws -> ScalingMeasurement {
    say("one rank on \(cores) core(s)")
    let alone = try document(
      StepMeasurement.self, outputOfChild(program, stepArguments + ["--threads", String(cores)]))
    say("sums within a node")
    let memory = try Transfers.nodeCost(
      output(ranks: 2, nil, Transfers.arguments(Transfers.nodeSizes), takesThreads: false))
    say("messages between nodes")
    let network = try Transfers.networkCost(
      output(ranks: 2, 1, Transfers.arguments(Transfers.networkSizes), takesThreads: false))
    let points = try Self.points.map { ranks, nodeSize in
      say("\(ranks) ranks" + (nodeSize.map { ", nodes of \($0)" } ?? " on one node"))
      return try document(StepMeasurement.self, output(ranks: ranks, nodeSize, stepArguments, takesThreads: true))
    }
    return ScalingMeasurement(alone: alone, points: points, memory: memory, network: network, cores: cores)
  }

  private func output(ranks: Int, _ nodeSize: Int?, _ arguments: [String], takesThreads: Bool) throws -> String {
    try mpirun.output(
      of: LaunchPlan(
        ranks: ranks, threads: nil, cores: cores, isRoot: geteuid() == 0, nodeSize: nodeSize,
        program: [program] + arguments, takesThreads: takesThreads))
  }

  private func say(_ text: String) { writeToStandardError("measuring: \(text)\n") }
}
