internal import Collectives
internal import Launching
internal import Reporting
internal import Training

/// Steps on several machines beside predicted ones, and what their network makes of more.
struct HostReport {
  let measured: HostMeasurement

  private static let counts = (1...10).map { 1 << $0 }

  // MARK: As text

  var tables: String {
    facts + "\n"
      + markdown(["hosts", "sums", "measured, ms", "formula, ms", "error", "compute", "sums, ms", "optimizer"], points)
      + "\nPredicted for this network; step in ms (efficiency)\n\n"
      + markdown(["hosts"] + SummingWay.all.map(\.name), Self.counts.map(prediction))
  }

  private var facts: String {
    let alone = measured.alone
    return """
      \(Machine.current().processor), \(alone.threads) thread(s) a machine; \(alone.model), \(alone.batch) pairs a machine, \
      \(alone.precision), gradients of \(decimals(Double(alone.gradientBytes) / 1e6, 0)) MB
      one machine: \(milliseconds(alone.stepSeconds)) ms a step
      network: α \(decimals(1e6 * measured.network.latency, 0)) µs, β of \
      \(decimals(1e-9 / measured.network.secondsPerByte, 3)) GB/s

      """
  }

  private var points: [[String]] {
    measured.points.map { point in
      let (step, seconds) = (measured.predicted(point.way, hosts: point.step.ranks), point.step.stepSeconds)
      let error = 100 * (step.total / seconds - 1)
      return [
        "\(point.step.ranks)", point.way.name, milliseconds(seconds), milliseconds(step.total),
        (error < 0 ? "−" : "+") + decimals(abs(error), 0) + " %", milliseconds(step.compute),
        milliseconds(step.sliceSum + step.features + step.smallCalls), milliseconds(step.optimizer),
      ]
    }
  }

  private func prediction(_ hosts: Int) -> [String] {
    ["\(hosts)"]
      + SummingWay.all.map { way in
        let step = measured.predicted(way, hosts: hosts)
        let efficiency = measured.model.efficiency(of: step, ranksPerNode: 1)
        return "\(milliseconds(step.total)) (\(decimals(100 * efficiency, 0)) %)"
      }
  }

  private func milliseconds(_ seconds: Double) -> String { decimals(1000 * seconds, seconds < 0.1 ? 1 : 0) }

  // MARK: As a document

  var document: String {
    let points = measured.points.map { point -> OrderedJSON in
      .object([
        ("hosts", .integer(point.step.ranks)), ("sums", .text(point.way.name)),
        ("step_seconds", .number(point.step.stepSeconds)),
        ("predicted_seconds", .number(measured.predicted(point.way, hosts: point.step.ranks).total)),
      ])
    }
    let predictions = Self.counts.flatMap { hosts in
      SummingWay.all.map { way in
        let step = measured.predicted(way, hosts: hosts)
        return OrderedJSON.object([
          ("hosts", .integer(hosts)), ("sums", .text(way.name)), ("seconds", .number(step.total)),
          ("efficiency", .number(measured.model.efficiency(of: step, ranksPerNode: 1))),
        ])
      }
    }
    return OrderedJSON.object([
      ("processor", .text(Machine.current().processor)), ("threads", .integer(measured.alone.threads)),
      ("alone_seconds", .number(measured.alone.stepSeconds)),
      ("latency_seconds", .number(measured.network.latency)),
      ("seconds_per_byte", .number(measured.network.secondsPerByte)), ("points", .list(points)),
      ("predictions", .list(predictions)),
    ]).document
  }
}
