internal import ArgumentParser
internal import Collectives
internal import Configuration
internal import Foundation
internal import Launching
internal import Models
internal import Reporting
internal import Safeguards
internal import Training

/// `mmtrain bench safeguards`: what it costs that a run is watched over.
struct BenchSafeguardsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "safeguards",
    abstract: "Time training steps with and without what watches over them, in turns.",
    discussion: """
      mpirun -n 2 mmtrain bench safeguards --preset vit-b-32 --batch 32

      The verdict on each step's numbers, the comparison of the ranks' weights and times, the look for what is not finite
      before a checkpoint (docs/reliability.md).
      """)

  @Option(help: ArgumentHelp("One of \(ModelCatalogue.names.joined(separator: ", ")).", valueName: "name"))
  var model = ModelCatalogue.benchmarked

  @Option(help: ArgumentHelp("A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.", valueName: "name"))
  var preset = "vit-b-32"

  @Option(help: ArgumentHelp("Pairs of the global batch.", valueName: "n"))
  var batch = 32

  @Option(help: ArgumentHelp("Steps of each kind that are counted.", valueName: "n"))
  var steps = 10

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...100_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 100000") }
  }

  func run() throws {
    let launch = detectLaunch(ProcessInfo.processInfo.environment)
    let settings = ["model.name=\(model)", "model.preset=\(preset)", "batch.global=\(batch)", "precision=fp32"]
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    try configuration.check(ranks: launch?.ranks ?? 1)
    let threads = rankThreads(requested: nil, launch)
    _ = try withRanks { communicator in
      let measured = try measureSafeguards(
        configuration, on: .random(captionLengths: [12, 20, 28]), threads: threads, repetitions: steps,
        communicator: communicator)
      let facts = BenchFacts(threads: threads, ranks: communicator.size)
      let figures = SafeguardFigures(measured, every: configuration.safeguards.checkEvery)
      if communicator.rank == 0 { try printResult(json ? figures.document(facts) : table(figures, facts)) }
      return .success
    }
  }

  private func table(_ figures: SafeguardFigures, _ facts: BenchFacts) -> String {
    facts.line + """
      \(model) \(preset), \(batch) pairs; medians in ms
      step, plain      \(decimals(figures.plain * 1e3, 2))
      step, guarded    \(decimals(figures.guarded * 1e3, 2))  (\(decimals(100 * (figures.guarded / figures.plain - 1), 2)) %)
      comparison       \(decimals(figures.comparison * 1e3, 2))  every \(figures.every) steps: \
      \(decimals(100 * figures.comparison / Double(figures.every) / figures.plain, 3)) %
      all together     \(decimals(100 * figures.overhead, 2)) % of a step
      before a save    \(decimals(figures.finite * 1e3, 2)) and a comparison

      """
  }
}

private struct SafeguardFigures {
  let plain, guarded, comparison, finite: Double
  let every: Int

  init(_ measured: SafeguardMeasurement, every: Int) {
    plain = median(measured.plain)
    guarded = median(measured.guarded)
    comparison = median(measured.comparisons)
    finite = median(measured.finite)
    self.every = max(1, every)
  }

  /// Share of a plain step.
  var overhead: Double { (guarded + comparison / Double(every)) / plain - 1 }

  func document(_ facts: BenchFacts) -> String {
    OrderedJSON.object(
      facts.members + [
        ("plain_seconds", .number(plain)), ("guarded_seconds", .number(guarded)),
        ("comparison_seconds", .number(comparison)), ("check_every", .integer(every)),
        ("finite_seconds", .number(finite)), ("overhead", .number(overhead)),
      ]
    ).document
  }
}
