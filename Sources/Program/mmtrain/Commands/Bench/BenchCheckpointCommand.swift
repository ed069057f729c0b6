internal import ArgumentParser
internal import Collectives
internal import Configuration
internal import Foundation
internal import Launching
internal import Models
internal import Reporting
internal import Training

/// `mmtrain bench checkpoint`: how long training waits for a save, and a start for a load.
struct BenchCheckpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "checkpoint",
    abstract: "Time saving and loading a model with its optimizer's moments.",
    discussion: """
      mmtrain bench checkpoint --preset vit-b-32 --output /scratch
      mpirun -n 2 mmtrain bench checkpoint --preset small --json

      What training does between two steps: gather moments, write, hash, wait for the disk, read back, remove the oldest.
      "disk" is a plain write of as many bytes, in turns with the saves. Three checkpoints have to fit.
      """)

  @Option(help: ArgumentHelp("One of \(ModelCatalogue.names.joined(separator: ", ")).", valueName: "name"))
  var model = ModelCatalogue.benchmarked

  @Option(help: ArgumentHelp("A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.", valueName: "name"))
  var preset = "vit-b-32"

  @Option(help: ArgumentHelp("A directory on the disk to measure; nothing stays in it.", valueName: "dir"))
  var output = "."

  @Option(help: ArgumentHelp("Saves that are counted.", valueName: "n"))
  var repetitions = 5

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...1000).contains(repetitions) else { throw ValidationError("--repetitions must be from 1 to 1000") }
  }

  func run() throws {
    let launch = detectLaunch(ProcessInfo.processInfo.environment)
    let settings = ["model.name=\(model)", "model.preset=\(preset)", "checkpoint.keep=1", "precision=fp32"]
    let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
    let threads = rankThreads(requested: nil, launch)
    _ = try withRanks { communicator in
      let measured = try measureCheckpoint(
        configuration, directory: output, threads: threads, repetitions: repetitions, communicator: communicator)
      let facts = BenchFacts(threads: threads, ranks: communicator.size)
      if communicator.rank == 0 { try printResult(json ? document(measured, facts) : table(measured, facts)) }
      return .success
    }
  }

  private func table(_ measured: CheckpointMeasurement, _ facts: BenchFacts) -> String {
    let figures = Figures(measured)
    return facts.line + """
      \(model) \(preset), \(measured.parameters) parameters, \(decimals(Double(measured.byteCount) / 1e6, 0)) MB
      blocked  \(decimals(figures.blocked, 2)) s, \(decimals(figures.worst, 2)) s at most; \(decimals(figures.speed, 2)) GB/s
      disk     \(decimals(figures.disk, 2)) s for as many bytes, \(decimals(figures.synchronization, 2)) s of it in fsync
      load     \(decimals(figures.loading, 2)) s
      share    \(decimals(100 * figures.share, 2)) % of the time, saving every 10 minutes

      """
  }

  private func document(_ measured: CheckpointMeasurement, _ facts: BenchFacts) -> String {
    let figures = Figures(measured)
    return OrderedJSON.object(
      facts.members + [
        ("model", .text("\(model) \(preset)")), ("parameters", .integer(measured.parameters)),
        ("bytes", .integer(measured.byteCount)), ("blocked_seconds", .number(figures.blocked)),
        ("blocked_seconds_worst", .number(figures.worst)), ("gb_per_second", .number(figures.speed)),
        ("disk_seconds", .number(figures.disk)), ("disk_fsync_seconds", .number(figures.synchronization)),
        ("load_seconds", .number(figures.loading)), ("share_every_10_minutes", .number(figures.share)),
      ]
    ).document
  }
}

/// Medians, in seconds.
private struct Figures {
  let blocked, worst, disk, synchronization, loading: Double
  /// GB/s of a save.
  let speed: Double
  /// Of the time, when a save of this length is made every ten minutes.
  let share: Double

  init(_ measured: CheckpointMeasurement) {
    func median(_ values: [Double]) -> Double { values.isEmpty ? 0 : values.sorted()[values.count / 2] }
    blocked = median(measured.blocked)
    worst = measured.blocked.max() ?? 0
    disk = median(measured.disk.map(\.seconds))
    synchronization = median(measured.disk.map(\.synchronization))
    loading = median(measured.loading)
    speed = Double(measured.byteCount) / blocked * 1e-9
    share = blocked / (600 + blocked)
  }
}
