internal import Collectives
internal import Foundation
internal import Launching
internal import Reporting
internal import TensorEngine
internal import Training

/// Measured steps beside predicted ones, and the prediction for networks that are not here.
struct ScalingReport {
  let measured: ScalingMeasurement
  let command: String

  /// A network as it is assumed to be: α of a message through the stack, β of what a stream of long messages reaches.
  struct Network {
    let name: String
    let cost: LinkCost
  }

  static let networks = [
    Network(name: "10 GbE, TCP", cost: LinkCost(latency: 30e-6, secondsPerByte: 1 / 1.1e9)),
    Network(name: "25 GbE, TCP", cost: LinkCost(latency: 20e-6, secondsPerByte: 1 / 2.7e9)),
    Network(name: "100 Gbit/s, RDMA", cost: LinkCost(latency: 3e-6, secondsPerByte: 1 / 11e9)),
  ]
  static let rankCounts = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024]
  private var model: ScalingModel { measured.model }

  // MARK: Measured beside predicted

  private var pointRows: [[String]] {
    ([measured.alone] + measured.points).map { point in
      let step = model.step(on: measured.cluster(of: point))
      let error = 100 * (step.total / point.stepSeconds - 1)
      return [
        "\(point.ranks) × \(point.threads)", "\(point.nodes)", milliseconds(point.stepSeconds),
        milliseconds(step.total), (error < 0 ? "−" : "+") + decimals(abs(error), 0) + " %",
      ] + terms(step)
    }
  }

  private func terms(_ step: PredictedStep) -> [String] {
    [step.compute, step.nodeSum, step.sliceSum, step.optimizer, step.features, step.smallCalls].map(milliseconds)
  }

  private static let pointHead =
    ["ranks × threads", "nodes", "measured, ms", "predicted, ms", "error", "compute"]
    + ["sum in node", "slices", "optimizer", "features", "small calls"]

  // MARK: Predicted

  /// Step seconds and efficiency on `network`, one row for each number of ranks.
  private func predictionRows(_ network: Network) -> [[String]] {
    Self.rankCounts.map { ranks in
      let ranksPerNode = min(ranks, measured.cores)
      let cluster = Cluster(
        nodes: max(1, ranks / ranksPerNode), ranksPerNode: ranksPerNode, network: network.cost)
      return ["\(ranks)", "\(cluster.nodes)"]
        + SummingWay.all.map { variant in
          let step = model.step(on: cluster, wire: variant.wire, overlaps: variant.overlaps)
          let efficiency = model.efficiency(of: step, ranksPerNode: ranksPerNode)
          return "\(milliseconds(step.total)) (\(decimals(100 * efficiency, 0)) %)"
        }
    }
  }

  private static var predictionHead: [String] { ["ranks", "nodes"] + SummingWay.all.map(\.name) }

  // MARK: As text

  var tables: String {
    facts + "\n" + markdown(Self.pointHead, pointRows)
      + Self.networks.map { "\n\(title($0))\n" + markdown(Self.predictionHead, predictionRows($0)) }.joined()
  }

  private var facts: String {
    let alone = measured.alone
    return """
      \(Machine.current().processor), \(measured.cores) core(s), \(alone.blasCore) BLAS, \(alone.kernels) kernels; \
      \(alone.model), \(alone.batch) pairs, \(alone.precision), gradients of \
      \(decimals(Double(alone.gradientBytes) / 1e6, 0)) MB
      compute \(milliseconds(model.computeSeconds)) ms, optimizer \(milliseconds(model.optimizerSeconds)) ms (one rank, all cores)
      within a node: meeting \(decimals(1e6 * model.memory.latency, 1)) µs, \
      \(decimals(1e-9 / model.memory.secondsPerByte, 1)) GB/s read or written by both ranks together
      between simulated nodes: α \(decimals(1e6 * measured.network.latency, 1)) µs, β of \
      \(decimals(1e-9 / measured.network.secondsPerByte, 1)) GB/s

      """
  }

  private func title(_ network: Network) -> String {
    "\(network.name): α \(decimals(1e6 * network.cost.latency, 0)) µs, "
      + "β of \(decimals(1e-9 / network.cost.secondsPerByte, 1)) GB/s; step in ms (efficiency)\n"
  }

  private func milliseconds(_ seconds: Double) -> String { decimals(1000 * seconds, seconds < 0.1 ? 1 : 0) }

  /// The page: what the formula is, what was measured, what follows.
  var page: String {
    """
    # Scaling

    What a training step costs on several ranks and nodes: a formula, steps measured on one machine beside it, and what it
    predicts for networks that are not here. Written by the command below on \(today); do not edit, run it again.

    ```
    \(command) --write docs/scaling.md
    ```

    \(facts.split(separator: "\n").map { "- \($0)" }.joined(separator: "\n"))

    \(formulaText)
    ## Measured

    All points have the same global batch and share the same cores: compute stays, what is added is the price of ranks and
    nodes. Several nodes are simulated (`MMTRAIN_NODE_SIZE`): their messages go through MPI over shared memory, and n of them do
    the work of n nodes on one machine, so node-side terms count n times. Terms in ms.

    \(markdown(Self.pointHead, pointRows))
    With more ranks than cores, ranks wait for each other's turns on a core, MPI's spinning waits take turns too, and a
    point without several nodes gains or loses by what the caches hold: none of that is in the formula.

    ## Predicted

    Nodes as this machine: \(min(measured.cores, 1024)) rank(s) of one thread, \(measured.alone.batch) pairs a node whatever the number of nodes (weak
    scaling). Efficiency is the step on one node over the step on n. α and β of the networks are assumptions, given with each;
    one link a node, no congestion. "Overlapped" hides sums between nodes behind the backward pass (2/3 of compute) but for the
    last bucket, and takes no account of the core that the messages need: it is the most that can be had. Over TCP with one core a rank
    2 % of a step were saved at 1 Gbit/s, and a quarter lost where the wire takes CPU; `communication.overlap: auto` measures in the
    first steps and takes the faster way (docs/collectives.md). A node that computes k times as fast divides only
    the compute term by k, so its efficiency is lower: the terms are in the formula.

    \(Self.networks.map { "**\(title($0).dropLast())**\n\n" + markdown(Self.predictionHead, predictionRows($0)) }.joined(separator: "\n"))
    """
  }

  private var today: String { Date.now.formatted(.iso8601.year().month().day()) }

  var document: String {
    let network = { (cost: LinkCost) -> OrderedJSON in
      .object([("latency_seconds", .number(cost.latency)), ("seconds_per_byte", .number(cost.secondsPerByte))])
    }
    let points = ([measured.alone] + measured.points).map { point -> OrderedJSON in
      let step = model.step(on: measured.cluster(of: point))
      return .object([
        ("ranks", .integer(point.ranks)), ("nodes", .integer(point.nodes)), ("threads", .integer(point.threads)),
        ("step_seconds", .number(point.stepSeconds)), ("predicted_seconds", .number(step.total)),
      ])
    }
    let predictions = Self.networks.flatMap { network in
      Self.rankCounts.map { ranks -> OrderedJSON in
        let ranksPerNode = min(ranks, measured.cores)
        let cluster = Cluster(nodes: max(1, ranks / ranksPerNode), ranksPerNode: ranksPerNode, network: network.cost)
        return .object(
          [("network", .text(network.name)), ("ranks", .integer(ranks)), ("nodes", .integer(cluster.nodes))]
            + SummingWay.all.map {
              ($0.name, .number(model.step(on: cluster, wire: $0.wire, overlaps: $0.overlaps).total))
            })
      }
    }
    return OrderedJSON.object([
      ("processor", .text(Machine.current().processor)), ("command", .text(command)),
      ("compute_seconds", .number(model.computeSeconds)), ("optimizer_seconds", .number(model.optimizerSeconds)),
      ("memory", network(model.memory)), ("between_simulated_nodes", network(measured.network)),
      ("points", .list(points)), ("predictions", .list(predictions)),
    ]).document
  }
}

/// A table of Markdown.
func markdown(_ head: [String], _ rows: [[String]]) -> String {
  ([head, head.map { _ in "---" }] + rows).map { "| " + $0.joined(separator: " | ") + " |\n" }.joined()
}
