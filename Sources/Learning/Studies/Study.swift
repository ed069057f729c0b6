internal import Configuration
internal import Evaluation
internal import Files
internal import Reporting

/// Does the work of a study.
public protocol StudyWorker {
  /// Trains a run, or goes on with it where it was stopped.
  /// - Parameter log: where what the training says is added.
  func train(_ run: StudyRun, log: String) throws -> StudyOutcome

  /// Writes what `evaluate --json` says of it to a file.
  /// - Parameters:
  ///   - without: what is taken away from every sample.
  func measure(_ run: StudyRun, without: [String], output: String, log: String) throws -> StudyOutcome
}

/// How a piece of work has ended.
public enum StudyOutcome: Sendable, Equatable {
  /// - Parameter memory: bytes that a process of it took at most.
  case done(memory: Int)
  /// Somebody asked the study to stop.
  case stopped
  /// - Parameter code: the exit code of the process that did it.
  case failed(words: String, code: Int32)
}

/// A study on disk: its runs, what is done of them, and what failed.
public struct Study: Sendable {
  public let expansion: StudyExpansion
  public let directory: String
  /// Runs that failed in this start, by their folders.
  public private(set) var failures: [(folder: String, words: String, code: Int32)] = []

  public init(_ expansion: StudyExpansion, directory: String) {
    (self.expansion, self.directory) = (expansion, directory)
  }

  /// Whether a run is trained and measured, and need not be again.
  public func isDone(_ run: StudyRun) throws -> Bool { try StudyRecord(of: run) != nil }

  /// Bytes that a process of a run took at most; nil where it is not done.
  public func memory(of run: StudyRun) throws -> Int? { try StudyRecord(of: run)?.memory }

  /// Folders in `runs/` that belong to none of the plan's runs: those of an earlier plan. Nothing is removed.
  public func strangers() -> [String] {
    let own = Set(expansion.runs.map(\.folder))
    let found = (try? directoryEntries(directory + "/runs")) ?? []
    return found.filter { !own.contains($0) && isDirectory(directory + "/runs/" + $0) }.sorted()
  }

  /// Trains and measures what is not done yet, run by run. What fails is noted, and the rest goes on.
  /// - Parameters:
  ///   - begin: is told each run before it begins.
  ///   - end: is told each run that has ended, with what it failed of, and the study as it stands.
  /// - Returns: false where somebody asked to stop.
  public mutating func run(
    _ worker: some StudyWorker, begin: (StudyRun) -> Void,
    end: (_ study: Study, StudyRun, _ failure: String?) throws -> Void
  ) throws -> Bool {
    failures = []
    for run in expansion.runs where try !isDone(run) {
      if let stage = run.stage, let failed = failures.first(where: { $0.folder == stage }) {
        note(run, "its stage \(failed.folder) failed", failed.code)
        try end(self, run, failures.last?.words)
        continue
      }
      begin(run)
      switch try trainedAndMeasured(run, worker) {
      case .done(let memory):
        try StudyRecord(hash: run.hash, memory: memory).write(of: run)
        try end(self, run, nil)
      case .stopped: return false
      case .failed(let words, let code):
        note(run, words, code)
        try end(self, run, words)
      }
    }
    return true
  }

  private mutating func note(_ run: StudyRun, _ words: String, _ code: Int32) {
    failures.append((run.folder, words, code))
  }

  private func trainedAndMeasured(_ run: StudyRun, _ worker: some StudyWorker) throws -> StudyOutcome {
    let log = directory + "/runs/" + run.folder + ".log"
    try makeDirectory(run.configuration.outputDirectory)
    let trained = try worker.train(run, log: log)
    guard case .done = trained, run.measuredSet != nil else { return trained }
    for without in expansion.plan.cases {
      let path = run.evaluationPath(without: without)
      let measured = try worker.measure(run, without: without, output: path, log: log)
      guard case .done = measured else { return measured }
      let names = expansion.plan.figures.filter { $0.without == without }
      if let words = try missing(names.map(\.figure), in: path) {
        return .failed(words: words, code: ExitCode.configuration.rawValue)
      }
    }
    return trained
  }

  /// What of the figures a report does not say.
  private func missing(_ figures: [String], in path: String) throws -> String? {
    let json = try readFile(path, limit: 256 << 20)
    guard let figure = figures.first(where: { reportedFigure($0, in: json) == nil }) else { return nil }
    let known = reportedFigures(in: json)
    let hint = nearest(to: figure, among: known).map { "did you mean \($0)?" }
    return "the evaluation says no \(printable(figure)); "
      + (hint ?? "it says \(known.prefix(20).joined(separator: ", "))")
  }
}
