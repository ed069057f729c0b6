internal import Configuration
internal import Files
internal import Glibc
internal import Launching
internal import Reporting
internal import Reports
internal import Studies

/// Trains and measures the runs of a study by this very program, each in a process of its own: what one does wrong, or takes of memory, is
/// gone with it.
final class StudyProcesses: StudyWorker {
  private var jobs: ChildJobs
  private let program: String
  /// `--ranks` and `--threads` of trainings, `--threads` of measurements.
  private let training: [String]
  private let measuring: [String]
  /// Is told the last line of progress of what is being done.
  var tell: (String) -> Void = { _ in }

  init(ranks: Int?, threads: Int?) throws {
    jobs = try ChildJobs()
    guard let program = executablePath() else {
      throw FileError.system(call: "realpath", path: "/proc/self/exe", code: ENOENT)
    }
    self.program = program
    let part = threads.map { ["--threads", "\($0)"] } ?? []
    training = (ranks.map { ["--ranks", "\($0)"] } ?? []) + part
    measuring = ranks == nil ? part : []
  }

  var isStopRequested: Bool { jobs.isStopRequested }

  func train(_ run: StudyRun, log: String) throws -> StudyOutcome {
    let path = run.configuration.outputDirectory + ".yaml"
    try writeAtomically(run.configuration.statedYAML.utf8, to: path)
    try waitForOthers(in: run.configuration.outputDirectory)
    return try outcome(
      ["train", "--config", path, "--output", run.configuration.outputDirectory] + training, output: nil, log: log,
      stop: SIGINT)
  }

  func measure(_ run: StudyRun, without: [String], output: String, log: String) throws -> StudyOutcome {
    let partial = output + ".partial"
    let outcome = try outcome(
      [
        "evaluate", "--checkpoint", run.configuration.outputDirectory + "/last", "--data", run.measuredSet ?? "",
        "--split", run.measuredSplit, "--json",
      ] + (without.isEmpty ? ["--each"] : without.flatMap { ["--without", $0] }) + measuring, output: partial, log: log,
      stop: SIGTERM)
    if case .done = outcome { try moveFile(partial, to: output) }
    return outcome
  }

  private func outcome(_ arguments: [String], output: String?, log: String, stop: Int32) throws -> StudyOutcome {
    guard !jobs.isStopRequested else { return .stopped }
    let begun = (try? logSize(log)) ?? 0
    let ending = try jobs.run(program, arguments, output: output, log: log, stop: stop) {
      if let line = lastLine(of: log) { tell(line) }
    }
    if jobs.isStopRequested { return .stopped }
    guard ending.code == 0 else {
      return .failed(words: "\(lastError(in: log, from: begun)) (exit code \(ending.code))", code: ending.code)
    }
    return .done(memory: ending.memory)
  }

  /// A process of a study that was killed may still be about to end.
  private func waitForOthers(in directory: String) throws {
    for _ in 0..<100 {
      guard (try? DirectoryLock.check(directory)) == nil else { return }
      usleep(100_000)
    }
  }

  // MARK: What it said

  private func logSize(_ path: String) throws -> Int { fileExists(path) ? try readFile(path, limit: 1 << 30).count : 0 }

  private func lastLine(of path: String) -> String? {
    guard let bytes = tail(of: path, 4096) else { return nil }
    return bytes.split(separator: UInt8(ascii: "\n")).last.map {
      printable(String(decoding: $0, as: UTF8.self), limit: 100)
    }
  }

  private func lastError(in path: String, from begun: Int) -> String {
    let bytes = (try? readFile(path, limit: 1 << 30)).map { $0.dropFirst(begun) } ?? []
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map { String(decoding: $0, as: UTF8.self) }
    let line = lines.last { $0.hasPrefix("error: ") } ?? lines.last
    return line.map { printable($0.hasPrefix("error: ") ? String($0.dropFirst(7)) : $0, limit: 400) }
      ?? "it said nothing"
  }

  private func tail(of path: String, _ count: Int) -> [UInt8]? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    let size = lseek(descriptor, 0, SEEK_END)
    lseek(descriptor, max(0, size - count), SEEK_SET)
    var bytes = [UInt8](repeating: 0, count: count)
    let found = read(descriptor, &bytes, count)
    return found > 0 ? Array(bytes.prefix(found)) : nil
  }
}
