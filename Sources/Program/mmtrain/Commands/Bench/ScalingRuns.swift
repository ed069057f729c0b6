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
  var model: ScalingModel {
    ScalingModel(
      computeSeconds: alone.gradientSeconds, optimizerSeconds: alone.updateSeconds,
      gradientBytes: Double(alone.gradientBytes), featureBytes: Double(4 * alone.embeddingWidth),
      pairsPerNode: Double(alone.batch), memory: memory)
  }

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
    let alone = try decode(
      StepMeasurement.self, outputOfChild(program, stepArguments + ["--threads", String(cores)]))
    // Large sizes that no cache holds, as gradients are; small ones for what a message costs.
    let memory = try cost(
      sizes: "4k,16k,64,128", nodeSize: nil, { TimedTransfer(messages: 2, bytes: 4 * $0.bytes, seconds: $0.arena.best) }
    )
    let network = try cost(
      sizes: "4k,64k,1,16,64", nodeSize: 1,
      { TimedTransfer(messages: 1, bytes: $0.bytes / 2, seconds: ($0.links ?? $0.arena).best) })
    let points = try Self.points.map { ranks, nodeSize in
      say("\(ranks) ranks" + (nodeSize.map { ", nodes of \($0)" } ?? " on one node"))
      return try decode(StepMeasurement.self, output(ranks: ranks, nodeSize, stepArguments, takesThreads: true))
    }
    return ScalingMeasurement(alone: alone, points: points, memory: memory, network: network, cores: cores)
  }

  /// Fitted to transfers between two ranks.
  private func cost(
    sizes: String, nodeSize: Int?, _ transfer: (Transfers.Row) -> TimedTransfer
  ) throws -> LinkCost {
    say(nodeSize == nil ? "sums within a node" : "messages between nodes")
    let text = try output(
      ranks: 2, nodeSize, ["bench", "allreduce", "--sizes", sizes, "--repetitions", "10", "--json"],
      takesThreads: false)
    let transfers = try decode(Transfers.self, text).sizes.map(transfer)
    guard let cost = LinkCost(fitting: transfers) else { throw UnreadableOutput(output: text) }
    return cost
  }

  private func output(ranks: Int, _ nodeSize: Int?, _ arguments: [String], takesThreads: Bool) throws -> String {
    try mpirun.output(
      of: LaunchPlan(
        ranks: ranks, threads: nil, cores: cores, isRoot: geteuid() == 0, nodeSize: nodeSize,
        program: [program] + arguments, takesThreads: takesThreads))
  }

  private func say(_ text: String) { writeToStandardError("measuring: \(text)\n") }

  /// The JSON document among what a run said: mpirun and warnings may have spoken before and after.
  private func decode<Value: Decodable>(_ type: Value.Type, _ output: String) throws -> Value {
    let lines = output.split(separator: "\n")
    guard let first = lines.firstIndex(where: { $0.hasPrefix("{") }),
      let last = lines.lastIndex(where: { $0.hasSuffix("}") }), first <= last
    else { throw UnreadableOutput(output: output) }
    return try JSONDecoder().decode(type, from: Data(lines[first...last].joined(separator: "\n").utf8))
  }
}

/// What `bench allreduce --json` prints.
private struct Transfers: Decodable {
  struct Row: Decodable {
    let bytes: Double
    let arena: Time
    let links: Time?
  }
  struct Time: Decodable {
    let milliseconds: Double
    var best: Double { milliseconds / 1000 }
    enum CodingKeys: String, CodingKey { case milliseconds = "best_ms" }
  }
  let sizes: [Row]
}

/// A run that ended well printed no figures that can be used.
private struct UnreadableOutput: ReportableError {
  let output: String

  var exitCode: ExitCode { .internalError }
  var description: String {
    "a measuring run printed no usable figures, but: \(printable(output, limit: 400)); run the command again"
  }
}
