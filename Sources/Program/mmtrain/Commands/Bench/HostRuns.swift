internal import Collectives
internal import Glibc
internal import Launching
internal import Reporting
internal import Training

/// What was measured on machines that are joined by a network, one rank on each.
struct HostMeasurement {
  /// Whole steps on so many of them, in one way to sum.
  struct Point {
    let way: SummingWay
    let step: StepMeasurement
  }

  /// One machine by itself, with the pairs that each has.
  let alone: StepMeasurement
  let points: [Point]
  let memory: LinkCost
  /// Between two of the machines.
  let network: LinkCost

  var model: ScalingModel { ScalingModel(alone, memory: memory) }

  func predicted(_ way: SummingWay, hosts: Int) -> PredictedStep {
    model.step(
      on: Cluster(nodes: hosts, ranksPerNode: 1, network: network), wire: way.wire, overlaps: way.overlaps)
  }
}

/// The runs from which it is measured.
struct HostRuns {
  let program: String
  let mpirun: MPIRun
  let machines: MachineList
  let threads: Int
  /// Pairs of each machine.
  let pairs: Int
  /// Of `bench step`, but for the batch and how gradients are summed.
  let stepArguments: [String]

  /// All machines, and powers of two below.
  var counts: [Int] { (1...12).map { 1 << $0 }.filter { $0 < machines.count } + [machines.count] }

  func measure() throws -> HostMeasurement {
    say("this machine by itself")
    let alone = try document(
      StepMeasurement.self, outputOfChild(program, step(pairs, .all[0]) + ["--threads", String(threads)]))
    say("sums within this machine")
    let memory = try Transfers.nodeCost(
      mpirun.output(
        of: plan(ranks: 2, Transfers.arguments(Transfers.nodeSizes), isHere: true, takesThreads: false)))
    say("messages between two machines")
    let network = try Transfers.hostCost(
      mpirun.output(of: plan(ranks: 2, Transfers.arguments(Transfers.hostSizes), takesThreads: false)))
    let points = try counts.flatMap { count in
      try SummingWay.all.map { way in
        say("\(count) machines, \(way.name)")
        let measured = try document(
          StepMeasurement.self, mpirun.output(of: plan(ranks: count, step(count * pairs, way), takesThreads: true)))
        return HostMeasurement.Point(way: way, step: measured)
      }
    }
    return HostMeasurement(alone: alone, points: points, memory: memory, network: network)
  }

  private func step(_ batch: Int, _ way: SummingWay) -> [String] {
    stepArguments + [
      "--batch", String(batch), "--set", "communication.wire=\(way.wire.rawValue)", "--set",
      "communication.overlap=\(way.overlaps ? "on" : "off")",
    ]
  }

  /// One rank on each machine.
  private func plan(ranks: Int, _ arguments: [String], isHere: Bool = false, takesThreads: Bool) -> LaunchPlan {
    LaunchPlan(
      ranks: ranks, threads: threads, cores: Machine.current().usableCores, binding: .never, isRoot: geteuid() == 0,
      machines: isHere ? 1 : ranks, ranksHere: isHere ? ranks : 1, hostfile: isHere ? nil : machines.hostfile,
      isOneOnEach: !isHere, program: [program] + arguments, takesThreads: takesThreads)
  }

  private func say(_ text: String) { writeToStandardError("measuring: \(text)\n") }
}
