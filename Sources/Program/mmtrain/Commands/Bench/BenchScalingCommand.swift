internal import ArgumentParser
internal import Collectives
internal import Files
internal import Glibc
internal import Launching
internal import Models
internal import Reporting
internal import Training

/// `mmtrain bench scaling`: what a step costs on several ranks and nodes, measured here and predicted for more.
struct BenchScalingCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scaling", abstract: "Measure steps on 1, 2 and 4 ranks, and predict them for up to 1,024.",
    discussion: """
      mmtrain bench scaling --preset small --batch 64 --data prepared/flickr8k --write docs/scaling.md

      Starts its own runs with mpirun, also with ranks as simulated nodes, whose sums go through MPI. What a message and a
      byte cost is fitted to transfers of several sizes; docs/scaling.md says how a step follows from it.
      """)

  @Option(help: ArgumentHelp("One of \(ModelCatalogue.names.joined(separator: ", ")).", valueName: "name"))
  var model = ModelCatalogue.benchmarked

  @Option(help: ArgumentHelp("A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.", valueName: "name"))
  var preset = "small"

  @Option(help: ArgumentHelp("Pairs of the global batch here, and of each node in the prediction.", valueName: "n"))
  var batch = 64

  @Option(help: ArgumentHelp("fp32, bf16, or auto for the faster one here.", valueName: "name"))
  var precision = "fp32"

  @Option(help: ArgumentHelp("Steps that are counted in each run.", valueName: "n"))
  var steps = 5

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("Write a page of Markdown to this file.", valueName: "file"))
  var write: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (4...1_000_000).contains(batch) else { throw ValidationError("--batch must be from 4: 4 ranks divide it") }
    guard (1...10_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 10000") }
  }

  func run() throws {
    guard let program = executablePath() else {
      throw FileError.system(call: "realpath", path: "/proc/self/exe", code: errno)
    }
    guard let mpirun = MPIRun.find() else { throw LaunchError.noMPI }
    let step = [
      "bench", "step", "--model", model, "--preset", preset, "--batch", String(batch), "--precision", precision,
      "--steps", String(steps), "--data", data, "--set", "communication.overlap=off", "--json",
    ]
    unsetenv("MMTRAIN_NODE_SIZE")  // the runs say themselves which of them has several nodes
    let measured = try ScalingRuns(
      program: program, mpirun: mpirun, cores: Machine.current().usableCores, stepArguments: step
    ).measure()
    let report = ScalingReport(measured: measured, command: command)
    if let write { try writeAtomically(report.page.utf8, to: write) }
    try printResult(json ? report.document : report.tables)
  }

  private var command: String {
    "mmtrain bench scaling --model \(model) --preset \(preset) --batch \(batch) --precision \(precision) "
      + "--steps \(steps) --data \(shellWord(data))"
  }
}
