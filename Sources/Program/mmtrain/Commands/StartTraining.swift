internal import Collectives
internal import Configuration
internal import Files
internal import FoundationEssentials
internal import Glibc
internal import Launching
internal import Models
internal import Reporting
internal import Training

/// The one place where the command meets the loop.
func startTraining(
  _ configuration: RunConfiguration, resume: ResumePolicy, options: RunOptions, threads: Int
) throws {
  let isAlone = detectLaunch(ProcessInfo.processInfo.environment) == nil
  StopRequest.install(endingWith: isAlone ? "stopped before the first step; the same command begins again" : nil)
  let code = try withRanks { communicator in
    let output =
      communicator.rank == 0 ? ProgressOutput.standardError(environment: environmentVariable) : ProgressOutput.silent
    if communicator.rank == 0 { try prepareOutputDirectory(configuration.outputDirectory) }
    let path = try configuration.data.path ?? builtInData(communicator, threads: threads, output)
    let outcome = try runTraining(
      try configuration.finding(communicator, resume), dataPath: path, resume: resume, options: options.withGrace(),
      threads: threads,
      communicator: communicator, output: output,
      logger: makeLogger(rank: communicator.size > 1 ? communicator.rank : nil))
    return outcome.isComplete ? .success : .stoppedOnRequest
  }
  if code != .success { exit(code.rawValue) }
}

extension RunConfiguration {
  /// The same with the model that it begins from found, and fetched where it is on the hub. Collective.
  fileprivate func finding(_ communicator: any Communicator, _ resume: ResumePolicy) throws -> RunConfiguration {
    if let last = try ownModel(resume, communicator) {
      var found = self
      found.foundWeights = last
      return found
    }
    return try finding { try modelPath($0, communicator) }
  }

  /// A run that goes on has its own architecture and tokenizer beside its weights: where what it once began from is no
  /// directory any more, or on the hub, nobody has to find that again. Collective.
  private func ownModel(_ resume: ResumePolicy, _ communicator: any Communicator) throws -> String? {
    let begunFrom = [initialize.weights, initialize.towers.vision, initialize.towers.text].compactMap(\.self)
    guard !begunFrom.isEmpty else { return nil }
    let last = try checkpointPath(outputDirectory + "/last")
    let serves =
      resume == .auto && !model.reparameterize && begunFrom.contains { !fileExists($0) && !isDirectory($0) }
      && fileExists(last + "/config.json")
    var all: Int64 = serves ? 1 : 0
    try withUnsafeMutablePointer(to: &all) {
      try communicator.allReduce(UnsafeMutableBufferPointer(start: $0, count: 1), .minimum, "own model of the run")
    }
    return all == 1 ? last : nil
  }
}

extension RunOptions {
  /// The same with what is known of the launcher's patience: Open MPI 4's mpirun kills a second after its SIGTERM, unless
  /// it was told otherwise.
  fileprivate func withGrace() -> RunOptions {
    guard environmentVariable("OMPI_COMM_WORLD_SIZE") != nil else { return self }
    var options = self
    options.graceSeconds = environmentVariable("OMPI_MCA_odls_base_sigkill_timeout").flatMap { Double($0) } ?? 1
    return options
  }
}

/// Where the built-in scenes are kept.
let builtInDataPath = "prepared/scenes"

/// The built-in scenes, made by rank 0 where they are not there yet. Of two runs that begin at once in one folder one draws
/// them, and the other waits.
private func builtInData(_ communicator: any Communicator, threads: Int, _ output: ProgressOutput) throws -> String {
  @Sendable func isThere() -> Bool { fileExists(builtInDataPath + "/manifest.json") }
  let isMissing = communicator.rank == 0 && !isThere()
  _ = try withOthersWaiting("built-in data", communicator, isMine: isMissing) { progress in
    let lock = try FileLock(builtInDataPath + ".lock") { isFirst in
      let words = "another run is drawing the built-in scenes in \(builtInDataPath): waiting for it"
      if isFirst { writeToStandardError(words + "\n") }
      progress.advance(words)
    }
    try withExtendedLifetime(lock) {
      if !isThere() {
        try prepareScenes(output: builtInDataPath, threads: threads, progress: progress.witnessing(output))
      }
    }
  }
  return builtInDataPath
}
