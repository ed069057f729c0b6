internal import ArgumentParser
internal import Benchmarks
internal import Launching
internal import Reporting
internal import TensorEngine

/// `mmtrain bench kernels`: the fused kernels against what the memory gives one core.
struct BenchKernelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "kernels", abstract: "Time the fused kernels against a triad, on one core.",
    discussion: """
      mmtrain bench kernels
      mmtrain bench kernels --level avx2

      GB/s count the bytes that a kernel must read and write, of arrays that no cache holds. Near the triad a kernel waits
      for memory; far below it, it computes.
      """)

  @Option(help: ArgumentHelp("baseline, avx2 or avx512; the best of this processor unless given.", valueName: "name"))
  var level: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  private var chosen: KernelLevel? { level.map { KernelLevel(rawValue: $0) } ?? .best }

  func validate() throws {
    guard let chosen else { throw ValidationError("--level is baseline, avx2 or avx512") }
    guard chosen.isSupported else { throw ValidationError("this processor has no \(chosen.rawValue)") }
  }

  func run() throws {
    let engine = Engine(threadCount: 1, level: chosen)
    let rows = measureKernels(engine)
    let yardstick = rows.first?.gigabytesPerSecond ?? 1
    if json {
      let list = rows.map {
        OrderedJSON.object([("name", .text($0.name)), ("gb_per_second", .number($0.gigabytesPerSecond))])
      }
      let facts = BenchFacts().members.filter { $0.0 != "kernels" } + [("level", .text(engine.level.rawValue))]
      try printResult(OrderedJSON.object(facts + [("kernels", .list(list))]).document)
    } else {
      try printResult(
        "\(Machine.current().processor), \(engine.level.rawValue) kernels, one core\n"
          + rows.map { row in
            column(row.name, 42, left: true) + column(decimals(row.gigabytesPerSecond, 1), 7) + " GB/s"
              + column(decimals(100 * row.gigabytesPerSecond / yardstick, 0), 6) + " %\n"
          }.joined())
    }
  }
}
