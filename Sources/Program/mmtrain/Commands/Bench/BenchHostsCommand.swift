internal import ArgumentParser
internal import Collectives
internal import Files
internal import Glibc
internal import Launching
internal import Models
internal import Reporting
internal import Training

/// `mmtrain bench hosts`: what a network costs, and steps on the machines that it joins beside what the formula says.
struct BenchHostsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "hosts", abstract: "Measure the network between machines, and steps on them beside the formula.",
    discussion: """
      mmtrain bench hosts --hostfile hosts --preset vit-b-32 --batch 32 --data prepared/flickr8k
      mmtrain bench hosts --hostfile hosts --preset small --batch 16 --caption-lengths 8,12,20 --json

      Starts one rank on each machine that the file names, of which this one should be one and all are like it; the program and
      the data must be in the same places on all. What a message and a byte cost is fitted to transfers of several sizes, and
      docs/scaling.md says how a step follows from it. The last table says what that network makes of up to 1,024 machines.
      """)

  @Option(help: ArgumentHelp("The machines, one a line, as mpirun reads them.", valueName: "file"))
  var hostfile: String

  @Option(help: ArgumentHelp("One of \(ModelCatalogue.names.joined(separator: ", ")).", valueName: "name"))
  var model = ModelCatalogue.benchmarked

  @Option(help: ArgumentHelp("A set of sizes: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.", valueName: "name"))
  var preset = "small"

  @Option(help: ArgumentHelp("Pairs of each machine.", valueName: "n"))
  var batch = 32

  @Option(help: ArgumentHelp("fp32, bf16, or auto for the faster one here.", valueName: "name"))
  var precision = "fp32"

  @Option(help: ArgumentHelp("Steps that are counted in each run.", valueName: "n"))
  var steps = 5

  @Option(help: ArgumentHelp("Threads of a rank; all cores of this machine by default.", valueName: "n"))
  var threads: Int?

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String?

  @Option(
    name: .customLong("caption-lengths"),
    help: ArgumentHelp("Without --data: tokens of the captions, in turn.", valueName: "n,n,…"))
  var captionLengths: String?

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...1_000_000).contains(batch) else { throw ValidationError("--batch must be from 1 to 1000000") }
    guard (1...10_000).contains(steps) else { throw ValidationError("--steps must be from 1 to 10000") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
    guard (data == nil) != (captionLengths == nil) else {
      throw ValidationError("give --data or --caption-lengths\(data == nil ? "" : ", not both")")
    }
  }

  func run() throws {
    guard let program = executablePath() else {
      throw FileError.system(call: "realpath", path: "/proc/self/exe", code: errno)
    }
    guard let mpirun = MPIRun.find() else { throw LaunchError.noMPI }
    let machines = try MachineList(hostfile: hostfile, environment: { _ in nil })
    guard machines.count > 1 else { throw ValidationError("--hostfile names one machine; a network has two at least") }
    let step = [
      "bench", "step", "--model", model, "--preset", preset, "--precision", precision, "--steps", String(steps),
      "--json",
    ]
    let measured = try HostRuns(
      program: program, mpirun: mpirun, machines: machines, threads: threads ?? Machine.current().usableCores,
      pairs: batch,
      stepArguments: step + (data.map { ["--data", $0] } ?? ["--caption-lengths", captionLengths ?? ""])
    ).measure()
    let report = HostReport(measured: measured)
    try printResult(json ? report.document : report.tables)
  }
}
