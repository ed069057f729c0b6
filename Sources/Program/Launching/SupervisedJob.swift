internal import CProcess
internal import Files
internal import Glibc
internal import Reporting

/// One start of mpirun, from its first process to the end of its last.
///
/// mpirun runs in a process group of its own: a Ctrl-C at the terminal reaches only this process, which asks the ranks to
/// save. SIGUSR1 is the one signal that mpirun hands on and does nothing else about; at SIGTERM it kills the ranks a
/// second later.
package struct SupervisedJob {
  private let process: pid_t
  private let errors: Int32
  private let signals: Int32
  private let directory: String
  private let trace: RunTrace
  private var output = MPIRunOutput()
  private var watch = RankWatch()
  /// Kept from start to start, so that a second Ctrl-C is the second.
  private(set) var stopSignals: StopSignals
  private(set) var isStopRequested = false
  /// The request waits until there are ranks: before that it would end mpirun.
  private var isRequestDue = false
  private var (firstRequest, lastRequest) = (Double.infinity, 0.0)
  private var isEndedAtOnce = false
  private var isEndedBeforeItBegan = false
  /// When the ranks were last seen, or spoke.
  private var lastSign = monotonicSeconds()
  private var isDeserted = false
  private var status: Int32?
  private var (lastOutput, lastLook) = (monotonicSeconds(), 0.0)

  /// - Parameters:
  ///   - signals: the pipe of `mmt_collect_signals`.
  ///   - directory: the run's.
  init(_ mpirun: MPIRun, _ plan: LaunchPlan, signals: Int32, stopSignals: StopSignals, directory: String) throws {
    (self.signals, self.stopSignals, self.directory) = (signals, stopSignals, directory)
    trace = RunTrace(directory)
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw LaunchError.system(path: mpirun.path, code: errno) }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    let started = withCStrings(["mpirun"] + plan.arguments) { arguments in
      mmt_start_child(mpirun.path, arguments, environ, -1, ends[1], SIGTERM)
    }
    close(ends[1])
    guard started > 0 else {
      close(ends[0])
      throw LaunchError.system(path: mpirun.path, code: -started)
    }
    (process, errors) = (started, ends[0])
  }

  /// Looks after the ranks until all of them are gone.
  mutating func run() -> RunEnding {
    while status == nil {
      waitForNews()
      takeSignals()
      takeOutput()
      passRequest()
      endWhatHasNotBegun()
      lookAtRanks()
      endWithoutRanks()
      reap()
    }
    endAll()
    takeOutput()
    writeToStandardError(bytes: output.finish())
    close(errors)
    return ending
  }

  private func waitForNews() {
    var sources = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
    if !outputHasEnded { sources.append(pollfd(fd: errors, events: Int16(POLLIN), revents: 0)) }
    poll(&sources, nfds_t(sources.count), 100)
  }

  private mutating func takeSignals() {
    var numbers = [UInt8](repeating: 0, count: 64)
    let count = read(signals, &numbers, numbers.count)
    for number in numbers.prefix(max(0, count)) where Int32(number) != SIGCHLD {
      switch stopSignals.meaning(of: Int32(number), at: monotonicSeconds()) {
      case .stop:
        if !isStopRequested { writeToStandardError("asked to stop: the ranks finish their step and save\n") }
        (isStopRequested, isRequestDue) = (true, true)
        firstRequest = min(firstRequest, monotonicSeconds())
      case .end:
        isEndedAtOnce = true
        endAll()
      case .pause: rest()
      case .echo: break
      }
    }
  }

  /// mpirun stops the ranks at SIGTSTP, wherever they are, and wakes them at SIGCONT; it goes on itself.
  private mutating func rest() {
    kill(process, SIGTSTP)
    takeOutput()
    stopUntilContinued()
    kill(process, SIGCONT)
  }

  private mutating func passRequest() {
    // Again and again: mpirun hands it on to those ranks that are there, and on other machines some may not be yet.
    let isAgain = isStopRequested && !isRequestDue && monotonicSeconds() - lastRequest > 5
    guard isRequestDue || isAgain, watch.isAnyAlive || hasBegun else { return }
    (isRequestDue, lastRequest) = (false, monotonicSeconds())
    kill(process, SIGUSR1)
  }

  /// Where no rank has taken the run directory yet, nothing is lost: nobody waits for a machine that does not answer.
  private mutating func endWhatHasNotBegun() {
    guard monotonicSeconds() - firstRequest > 5, !isEndedBeforeItBegan, !hasBegun else { return }
    isEndedBeforeItBegan = true
    endAll()
  }

  /// Whether a rank, wherever it runs, has taken the run directory.
  private var hasBegun: Bool { trace.hasBegun || fileExists(directory + "/.lock") }

  private var outputHasEnded = false

  private mutating func takeOutput() {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while !outputHasEnded, hasInput(errors) {
      let count = read(errors, &bytes, bytes.count)
      if count < 0, errno == EINTR { continue }
      outputHasEnded = count <= 0
      lastOutput = monotonicSeconds()
      writeToStandardError(bytes: output.take(bytes.prefix(max(0, count))))
    }
    writeToStandardError(bytes: output.idle(seconds: monotonicSeconds() - lastOutput))
  }

  private mutating func lookAtRanks() {
    guard monotonicSeconds() - lastLook >= 0.5 else { return }
    watch.look(below: process)
    lastLook = monotonicSeconds()
    if watch.isAnyAlive || watch.ranks.isEmpty && output.endings.isEmpty { lastSign = lastLook }
  }

  /// mpirun may stay when its ranks are gone: for minutes where it waits for a machine that was lost with them.
  private mutating func endWithoutRanks() {
    guard monotonicSeconds() - max(lastSign, lastOutput) > 10, !isDeserted else { return }
    isDeserted = true
    endAll()
  }

  private mutating func reap() {
    var ended: Int32 = 0
    while true {
      let child = waitpid(-1, &ended, WNOHANG)
      guard child > 0 else { return }
      if child == process { status = ended }
    }
  }

  /// mpirun, all that it started, and what became this process's child when mpirun died.
  private func endAll() {
    let own = descendants(of: getpid())
    for child in own { kill(child, SIGKILL) }
  }

  private var ending: RunEnding {
    var ending = RunEnding(code: exitCode)
    ending.endings = output.endings
    (ending.firstError, ending.firstErrorIsBuried) = (output.firstError, output.firstErrorIsBuried)
    ending.explanation = output.explanation
    (ending.isRequested, ending.isAtOnce, ending.isDeserted) = (isStopRequested, isEndedAtOnce, isDeserted)
    ending.unreachable = output.unreachable
    (ending.step, ending.checkpointStep) = (trace.newestStep, trace.checkpointStep)
    if ending.code == 128 + SIGKILL { ending.memory = watch.memoryVerdict }
    return ending
  }

  private var exitCode: Int32 {
    guard let status else { return Reporting.ExitCode.internalError.rawValue }
    if isEndedBeforeItBegan || isStopRequested && status == 0 && !trace.hasBegun {
      return Reporting.ExitCode.stoppedOnRequest.rawValue
    }
    if isDeserted, let code = output.namedCode { return code }
    if output.unreachable != nil { return Reporting.ExitCode.network.rawValue }
    let signal = status & 0x7F
    let code = signal == 0 ? status >> 8 & 0xFF : 128 + signal
    // A rank that was asked before it listened: nothing was begun, and nothing is lost.
    return isStopRequested && code == 128 + SIGUSR1 ? Reporting.ExitCode.stoppedOnRequest.rawValue : code
  }
}

private func hasInput(_ descriptor: Int32) -> Bool {
  var source = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&source, 1, 0) > 0
}

/// What Ctrl-Z does to a program that takes no notice of it.
package func stopUntilContinued() {
  writeToStandardError("paused; fg goes on\n")
  flushStandardError()
  kill(getpid(), SIGSTOP)
}
