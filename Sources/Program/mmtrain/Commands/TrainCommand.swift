internal import ArgumentParser
internal import Collectives
internal import Configuration
internal import FoundationEssentials
internal import Glibc
internal import Launching
internal import Logging
internal import Reporting
internal import Safeguards
internal import Training

/// `mmtrain train`: a rank under a launcher, a run of one process without, a launcher of its own with `--ranks`.
struct TrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a model (the default command).",
    discussion: """
      mmtrain train --config run.yaml --set optimizer.learning_rate=1e-4 --output runs/a
      mmtrain train --ranks 4
      mmtrain train --set model.preset=small --dry-run

      Values come from the built-in recipe, the preset, the files and --set; later ones win.
      docs/configuration.md lists the keys. Running the same command again goes on where it stopped.
      """)

  @Option(help: ArgumentHelp("Configuration file; of several, later ones win.", valueName: "file.yaml"))
  var config: [String] = []

  @Option(name: .customLong("set"), help: ArgumentHelp("Set one key; may be given often.", valueName: "key=value"))
  var settings: [String] = []

  @Option(help: ArgumentHelp("Run directory (sets the key output).", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("Where to go on from: auto, never, or a directory.", valueName: "auto|never|dir"))
  var resume = "auto"

  @Option(help: ArgumentHelp("Start this many ranks with mpirun, and look after them.", valueName: "n"))
  var ranks: Int?

  @Option(
    help: ArgumentHelp(
      "With --ranks: the machines to start them on; by default this one, or those of the batch job.",
      valueName: "file"))
  var hostfile: String?

  @Option(
    help: ArgumentHelp(
      "With --ranks: start them again from the newest checkpoint, at most so often, where one dies or hangs.",
      valueName: "n"))
  var restarts = 0

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Go on from a checkpoint though the data set has changed since.")
  var acceptDataChange = false

  @Option(
    help: ArgumentHelp(
      "Let a fault happen, to see that the run survives it (docs/reliability.md).", valueName: "kind@step:rank",
      visibility: .hidden))
  var fault: [String] = []

  @Flag(
    name: .customLong("dry-run"),
    help: "Print the configuration with its origins, and whether the run has room here; train nothing.")
  var dryRun = false

  @Flag(help: "With --dry-run: print one JSON document.")
  var json = false

  func validate() throws {
    if let ranks, !(1...4096).contains(ranks) { throw ValidationError("--ranks must be from 1 to 4096") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
    if !(0...1000).contains(restarts) { throw ValidationError("--restarts must be from 0 to 1000") }
    if restarts > 0 || hostfile != nil, ranks == nil {
      throw ValidationError("--restarts and --hostfile go with --ranks")
    }
    if json, !dryRun { throw ValidationError("--json goes with --dry-run") }
  }

  func run() throws {
    let environment = ProcessInfo.processInfo.environment
    let launch = detectLaunch(environment)
    try requireNoLeftovers(environment)
    if let launch, ranks != nil {
      throw ValidationError(
        "--ranks starts ranks, and \(launch.launcher) has done so already (\(launch.variable) is \(launch.ranks)); leave it "
          + "out. Where this process is no rank, the variable is left over: unset \(launch.variable)")
    }
    let faults = try fault.map { try Fault($0) }
    let directory = output.map { [ConfigurationSetting(option: "--output", "output=\($0)")] } ?? []
    let configuration = try RunConfiguration(
      files: config, settings: settings.map { ConfigurationSetting($0) } + directory)
    try configuration.check(ranks: launch?.ranks ?? ranks ?? 1)
    var options = RunOptions()
    options.acceptsDataChange = acceptDataChange
    options.faults = faults
    options.fasterProducts = fasterProducts
    options.machine = machineOfRun()
    if dryRun { return try printPlan(configuration, launch, options) }
    try requireRoom(configuration, launch, ranks: ranks, hostfile: hostfile)
    if let ranks, ranks > 1 || restarts > 0 || hostfile != nil {
      try RankLauncher(ranks: ranks, threads: threads, hostfile: hostfile, restarts: restarts)
        .start(directory: configuration.outputDirectory)
    } else {
      try startTraining(
        configuration, resume: ResumePolicy(resume), options: options,
        threads: rankThreads(requested: threads, launch))
    }
  }

  private func printPlan(_ configuration: RunConfiguration, _ launch: Launch?, _ options: RunOptions) throws {
    let found = try configuration.finding { try modelPath($0) }
    let dataPath = configuration.data.path ?? builtInDataPath
    let ranks = launch?.ranks ?? ranks ?? 1
    let launcher = try self.ranks.map { try RankLauncher(ranks: $0, threads: threads, hostfile: hostfile) }
    if ranks > 1, launcher != nil { _ = try MPIRun.required(ranks: ranks) }
    let logger = makeLogger(rank: launch?.rank)
    try checkStart(found, dataPath: dataPath, resume: ResumePolicy(resume), options: options) {
      logger.warning("\($0)")
    }
    let ranksHere = launcher?.ranksHere ?? ranksOnNode(launch)
    let report = DryRunReport(
      configuration,
      plan: try RunForecast(
        found, dataPath: dataPath, ranks: ranks,
        rehearsing: threads ?? max(1, Machine.current().usableCores / max(1, ranksHere))),
      ranks: ranks, ranksHere: ranksHere, threads: threads,
      command: ranks > 1 ? launcher?.plan.commandLine(mpirun: "mpirun") : nil)
    try printResult(json ? report.json.document : report.text)
    if let refusal = report.refusal { throw refusal }
  }
}

/// For the record of a start.
private func machineOfRun() -> RunMachine {
  let machine = Machine.current()
  return RunMachine(
    version: MMTrain.configuration.version, processor: machine.processor, cores: machine.usableCores,
    memoryBytes: machine.memoryTotal)
}
