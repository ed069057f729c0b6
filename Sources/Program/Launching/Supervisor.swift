internal import CProcess
internal import Glibc
internal import Reporting

/// Looks after the ranks of `mmtrain train --ranks N`: passes on what is asked of it, starts them again where that may
/// help, and says in one line why they ended. Should it be killed itself, the kernel ends mpirun, and mpirun the ranks.
package struct Supervisor {
  private let mpirun: MPIRun
  /// The run's directory.
  private let directory: String
  private var policy: RestartPolicy
  private let restarts: Int
  private let signals: Int32
  private var stopSignals = StopSignals()

  init(_ mpirun: MPIRun, directory: String, restarts: Int) throws {
    (self.mpirun, self.directory, self.restarts) = (mpirun, directory, restarts)
    policy = RestartPolicy(limit: restarts)
    signals = mmt_collect_signals(StopSignals.collected, Int32(StopSignals.collected.count))
    guard signals >= 0 else { throw LaunchError.system(path: mpirun.path, code: -signals) }
    let adopted = mmt_adopt_orphans()
    guard adopted == 0 else { throw LaunchError.system(path: mpirun.path, code: -adopted) }
  }

  /// - Parameter plan: of the first start (0), or of the so-manieth restart.
  /// - Returns: the exit code of the job.
  mutating func run(_ plan: (_ restart: Int) -> LaunchPlan) throws -> Int32 {
    var restart = 0
    while true {
      setenv(restartVariable, String(restart), 1)  // before the plan, which hands it to other machines
      let ending = try start(plan(restart))
      if let words = ending.lastWords { writeToStandardError(words + "\n") }
      guard !ending.isRequested, !ending.isAtOnce else { return end(ending) }
      let decision = policy.decide(
        exitCode: ending.code, step: ending.step, isUnreachable: ending.unreachable != nil, at: monotonicSeconds())
      switch decision {
      case .end:
        return ending.code
      case .giveUp(let reason):
        writeToStandardError("not restarted again: \(reason)\n")
        return ending.code
      case .restart(let number, let wait):
        let place = ending.checkpointStep.map { "from the checkpoint of step \($0)" } ?? "from the beginning"
        writeToStandardError("restart \(number) of \(restarts) in \(durationText(wait)), \(place)\n")
        guard pause(wait) else { return Reporting.ExitCode.stoppedOnRequest.rawValue }
        restart = number
      }
    }
  }

  private mutating func start(_ plan: LaunchPlan) throws -> RunEnding {
    for variable in plan.environment { setenv(variable.name, variable.value, 1) }
    writeToStandardError("starting: \(plan.commandLine(mpirun: "mpirun"))\n")
    var job = try SupervisedJob(
      mpirun, plan, signals: signals, stopSignals: stopSignals, directory: directory)
    defer { stopSignals = job.stopSignals }
    return job.run()
  }

  /// What a shell expects of a program that a signal has ended: to be ended by it.
  private func end(_ ending: RunEnding) -> Int32 {
    guard ending.isAtOnce, let last = stopSignals.last else { return ending.code }
    signal(last, SIG_DFL)
    raise(last)
    return 128 + last
  }

  /// - Returns: false where somebody asked to stop meanwhile.
  private mutating func pause(_ seconds: Double) -> Bool {
    let end = monotonicSeconds() + seconds
    while monotonicSeconds() < end {
      var source = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
      poll(&source, 1, Int32(max(1, min(1000, (end - monotonicSeconds()) * 1000))))
      var numbers = [UInt8](repeating: 0, count: 64)
      let count = read(signals, &numbers, numbers.count)
      let news = numbers.prefix(max(0, count)).map { Int32($0) }
      if news.contains(SIGTSTP) { stopUntilContinued() }
      if news.contains(where: { $0 != SIGCHLD && $0 != SIGTSTP }) { return false }
    }
    return true
  }
}

/// Tells the ranks the how-manieth restart they belong to; 0 for the first start.
package let restartVariable = "MMTRAIN_RESTART"
