internal import ArgumentParser
internal import Configuration
internal import Files
internal import Glibc
internal import Launching
internal import Reporting
internal import Reports
internal import Studies

/// `mmtrain study`: variants of a recipe, compared honestly.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study",
    abstract: "Train variants of a recipe on the same seeds and compare them: intervals, differences, what each takes.",
    discussion: """
      mmtrain study launch/studies/fusion.yaml
      mmtrain study plan.yaml --output studies/joins --ranks 2
      mmtrain study plan.yaml --dry-run

      A plan (docs/studies.md) says a base recipe, variants of it, seeds, and the figures that decide. All is checked before the
      first run. The same command again goes on where it stopped: what is trained and measured is not trained again, however the
      study was ended. The result is study.json and study.html in the study's directory.
      """)

  @Argument(help: ArgumentHelp("The plan.", valueName: "plan.yaml"))
  var plan: String

  @Option(help: ArgumentHelp("The study's directory; by default studies/NAME.", valueName: "dir"))
  var output: String?

  @Option(help: ArgumentHelp("Train each run on this many ranks.", valueName: "n"))
  var ranks: Int?

  @Option(help: ArgumentHelp("Threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  @Flag(name: .customLong("dry-run"), help: "Print what would be trained, and what it takes; train nothing.")
  var dryRun = false

  @Flag(help: "Print one JSON document: the plan with --dry-run, else study.json.")
  var json = false

  func validate() throws {
    if let ranks, !(1...4096).contains(ranks) { throw ValidationError("--ranks must be from 1 to 4096") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  func run() throws {
    let asked = try StudyPlan(path: plan)
    let directory = output ?? "studies/\(asked.name)"
    if dryRun { return try printForecast(expansion(asked, in: directory, StudyPaces(in: directory))) }
    // What is wrong is said before anything is made.
    let first = try expansion(asked, in: directory, StudyPaces(in: directory))
    let lock = try DirectoryLock(directory)
    let code = try withExtendedLifetime(lock) { try trainAll(asked, first, in: directory) }
    lock.release()
    if code != 0 { Glibc.exit(code) }
  }

  /// - Returns: the exit code.
  private func trainAll(_ asked: StudyPlan, _ first: StudyExpansion, in directory: String) throws -> Int32 {
    try requireOwn(directory, asked)
    let worker = try StudyProcesses(ranks: ranks, threads: threads)
    guard asked.seconds != nil else { return try train(first, in: directory, worker) }
    var paces = try StudyPaces(in: directory) ?? StudyPaces()
    guard try worker.measurePaces(&paces, of: first, in: directory) else { return stopped(directory) }
    return try train(expansion(asked, in: directory, paces), in: directory, worker)
  }

  private func expansion(_ asked: StudyPlan, in directory: String, _ paces: StudyPaces?) throws -> StudyExpansion {
    try StudyExpansion(
      asked, path: plan, directory: directory, builtInSet: builtInDataPath, ranks: ranks ?? 1, paces: paces
    ) { try modelPath($0) }
  }

  private func requireOwn(_ directory: String, _ asked: StudyPlan) throws {
    guard let found = try keptStudyName(in: directory), found != asked.name else { return }
    throw StudyError.otherStudy(directory: directory, name: asked.name, found: found)
  }

  private func train(_ expansion: StudyExpansion, in directory: String, _ worker: StudyProcesses) throws -> Int32 {
    try makeDirectory(directory + "/runs")
    try writeAtomically(readFile(plan, limit: 1 << 20), to: directory + "/plan.yaml")
    var study = Study(expansion, directory: directory)
    let runs = expansion.runs
    var done = try runs.count { try study.isDone($0) }
    let progress = ProgressReporter(
      title: "study \(expansion.plan.name)", unit: "run", total: runs.count, completed: done,
      output: .standardError(environment: environmentVariable))
    for stranger in study.strangers() {
      progress.note("\(printable(stranger)) in \(printable(directory))/runs belongs to an earlier plan and is not used")
    }
    let isWhole = try study.run(worker) { run in
      worker.tell = { progress.update(completed: done, detail: "\(run.folder): \($0)") }
      progress.update(completed: done, detail: run.folder)
    } end: { study, run, failure in
      done += 1
      if let failure { progress.note("WARNING: \(run.folder) failed: \(failure)") }
      // Whoever looks meanwhile sees whole blocks.
      let isLastOfBlock = runs.last { $0.block == run.block }?.folder == run.folder
      if isLastOfBlock, done < runs.count { try study.writeResult(isGoingOn: true) }
      progress.update(completed: done, detail: run.folder)
    }
    let page = try study.writeResult(isGoingOn: false)
    guard isWhole else { return stopped(directory) }
    progress.finish(detail: directory + "/study.html")
    try printResult(json ? page.document.document : page.table)
    guard let failed = study.failures.first else { return 0 }
    writeToStandardError(
      "error: \(study.failures.count) of \(runs.count) runs failed (\(printable(directory))/runs/*.log); the same command tries them again\n"
    )
    return failed.code
  }

  private func stopped(_ directory: String) -> Int32 {
    writeToStandardError("stopped on request; the same command goes on where it stopped (\(printable(directory)))\n")
    return Reporting.ExitCode.stoppedOnRequest.rawValue
  }

  private func printForecast(_ expansion: StudyExpansion) throws {
    let forecast = StudyForecast(expansion)
    try printResult(json ? forecast.json.document : forecast.text)
  }
}

extension Study {
  /// Writes what is known by now: study.json, costs.json, study.html.
  @discardableResult
  func writeResult(isGoingOn: Bool) throws -> StudyPage {
    var page = try StudyPage(self)
    page.refresh = isGoingOn ? 30 : nil
    try writeAtomically(page.document.document.utf8, to: directory + "/study.json")
    try writeAtomically(page.costsDocument.document.utf8, to: directory + "/costs.json")
    try writeAtomically(page.html.utf8, to: directory + "/study.html")
    return page
  }
}

/// The study in a directory, by the plan that lies there.
func keptStudy(in directory: String) throws -> Study {
  let path = directory + "/plan.yaml"
  let expansion = try StudyExpansion(
    StudyPlan(path: path), path: path, directory: directory, builtInSet: builtInDataPath, ranks: 1,
    paces: StudyPaces(in: directory)
  ) { try modelPath($0) }
  return Study(expansion, directory: directory)
}
