internal import ArgumentParser
internal import Collectives
internal import CollectivesMPI
internal import Reporting

/// `mmtrain bench allreduce`: the sum over ranks, beside MPI's own and what the memory allows.
struct BenchAllReduceCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "allreduce", abstract: "Time the sum over ranks of 1 to 64 MiB, beside MPI_Allreduce.",
    discussion: """
      mpirun -n 2 mmtrain bench allreduce
      MMTRAIN_NODE_SIZE=1 mpirun -n 2 mmtrain bench allreduce

      "memory" is the same reading, adding and writing without a meeting: what the memory alone allows. The second line
      takes each rank for a node, so that sums go through MPI; "moved" are then as many bytes that only change places. One
      rank has nothing to add. The best of the repetitions is shown with the median.
      """)

  @Option(help: ArgumentHelp("Sizes in MiB; in KiB with a k behind them.", valueName: "n,n,…"))
  var sizes = "1,4,25,64"

  @Option(help: ArgumentHelp("Repetitions of each size.", valueName: "n"))
  var repetitions = 20

  @Flag(help: "Print one JSON document.")
  var json = false

  /// In bytes; nil for what is no size.
  private var byteCounts: [Int?] {
    sizes.split(separator: ",", omittingEmptySubsequences: false).map { text in
      let isSmall = text.hasSuffix("k")
      guard let number = Int(isSmall ? text.dropLast() : text), (1...4096).contains(number) else { return nil }
      return number << (isSmall ? 10 : 20)
    }
  }

  func validate() throws {
    guard !byteCounts.contains(nil) else {
      throw ValidationError("--sizes are whole numbers from 1 to 4096, perhaps with a k, and commas between them")
    }
    guard (1...10_000).contains(repetitions) else { throw ValidationError("--repetitions must be from 1 to 10000") }
  }

  func run() throws {
    _ = try withRanks { communicator in
      let rows = try byteCounts.compactMap { $0 }.map {
        try measureAllReduceWithMPI(communicator, byteCount: $0, repetitions: repetitions)
      }
      let facts = BenchFacts(ranks: communicator.size)
      if communicator.rank == 0 { try printResult(json ? document(rows, facts) : table(rows, facts)) }
      return .success
    }
  }

  private func table(_ rows: [AllReduceMeasurement], _ facts: BenchFacts) -> String {
    facts.line + "milliseconds, best (median)          ours    MPI_Allreduce           memory            moved\n"
      + rows.map { row in
        column("\(text(row.byteCount)), \(row.nodes) node(s)", 24, left: true)
          + [row.arena, row.library, row.memory, row.links].map { column(text($0), 17) }.joined() + "\n"
      }.joined()
  }

  private func text(_ byteCount: Int) -> String {
    byteCount < 1 << 20 ? "\(byteCount >> 10) KiB" : "\(byteCount >> 20) MiB"
  }

  private func text(_ timing: AllReduceMeasurement.Timing?) -> String {
    timing.map { "\(decimals(1000 * $0.best, 2)) (\(decimals(1000 * $0.median, 2)))" } ?? "–"
  }

  private func document(_ rows: [AllReduceMeasurement], _ facts: BenchFacts) -> String {
    func milliseconds(_ timing: AllReduceMeasurement.Timing?) -> OrderedJSON {
      timing.map {
        .object([("median_ms", .number(1000 * $0.median)), ("best_ms", .number(1000 * $0.best))])
      } ?? .null
    }
    let sizes = rows.map { row in
      OrderedJSON.object([
        ("bytes", .integer(row.byteCount)), ("nodes", .integer(row.nodes)), ("arena", milliseconds(row.arena)),
        ("mpi_allreduce", milliseconds(row.library)), ("memory", milliseconds(row.memory)),
        ("links", milliseconds(row.links)),
      ])
    }
    return OrderedJSON.object(facts.members + [("sizes", .list(sizes))]).document
  }
}
