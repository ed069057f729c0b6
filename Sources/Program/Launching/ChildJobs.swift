internal import CProcess
internal import Files
internal import Glibc
internal import Reporting

/// Starts programs one after the other and looks after each: a Ctrl-C or SIGTERM is passed on, and should this process die, the kernel ends
/// the program with it.
package struct ChildJobs {
  private let signals: Int32
  private var stopSignals = StopSignals()
  /// Whether somebody has asked this process to stop.
  package private(set) var isStopRequested = false

  /// How a program has ended.
  package struct Ending {
    /// As a shell says it.
    package let code: Int32
    /// Bytes that it, or a process that it had started, took at most.
    package let memory: Int
  }

  package init() throws {
    signals = mmt_collect_signals(StopSignals.collected, Int32(StopSignals.collected.count))
    guard signals >= 0 else { throw FileError.system(call: "pipe", path: "signals", code: -signals) }
  }

  /// Runs a program to its end.
  /// - Parameters:
  ///   - output: the file that its standard output becomes; nil where nothing is kept of it.
  ///   - log: the file that what it says is added to.
  ///   - stop: the signal by which it is asked to stop.
  ///   - tick: is called several times a second.
  package mutating func run(
    _ program: String, _ arguments: [String], output: String?, log: String, stop: Int32, tick: () -> Void
  ) throws -> Ending {
    let errors = try opened(log, O_APPEND)
    defer { close(errors) }
    let written = try opened(output ?? "/dev/null", output == nil ? 0 : O_TRUNC)
    defer { close(written) }
    let process = withCStrings([program] + arguments) { words in
      // Nothing that it does shall go on when this process is gone: what is saved is whole at any time.
      mmt_start_child(program, words, environ, written, errors, SIGKILL)
    }
    guard process > 0 else { throw FileError.system(call: "start", path: program, code: -process) }
    while true {
      var usage = rusage()
      var status: Int32 = 0
      let ended = wait4(process, &status, WNOHANG, &usage)
      if ended == process {
        let signal = status & 0x7F
        return Ending(code: signal == 0 ? status >> 8 & 0xFF : 128 + signal, memory: usage.ru_maxrss * 1024)
      }
      takeSignals(process, stop)
      tick()
    }
  }

  /// Waits until there are some, or for a fifth of a second.
  private mutating func takeSignals(_ process: pid_t, _ stop: Int32) {
    var source = pollfd(fd: signals, events: Int16(POLLIN), revents: 0)
    poll(&source, 1, 200)
    var numbers = [UInt8](repeating: 0, count: 64)
    let count = read(signals, &numbers, numbers.count)
    for number in numbers.prefix(max(0, count)) where Int32(number) != SIGCHLD {
      switch stopSignals.meaning(of: Int32(number), at: monotonicSeconds()) {
      case .stop:
        isStopRequested = true
        kill(process, stop)
      case .end:
        isStopRequested = true
        kill(process, SIGKILL)
      case .pause:
        kill(process, SIGTSTP)
        stopUntilContinued()
        kill(process, SIGCONT)
      case .echo: break
      }
    }
  }

  private func opened(_ path: String, _ flags: Int32) throws -> Int32 {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0o644)
    guard descriptor >= 0 else { throw FileError.system(call: "open", path: path, code: errno) }
    return descriptor
  }
}
