internal import ArgumentParser
internal import Collectives
internal import Configuration
internal import Files
internal import Foundation
internal import Reporting
internal import Reports
internal import Studies

/// `mmtrain report`: runs as a page.
struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report",
    abstract: "Show runs as one page: curves of all that they measured, what went wrong, how they were set.",
    discussion: """
      mmtrain report runs/a --output a.html
      mmtrain report runs/a runs/b runs/c --output compared.html
      mmtrain report runs/a --output a.html --watch     rewritten while the run goes on; the browser takes it anew
      mmtrain report studies/fusion --output fusion.html
      mmtrain report runs/a --output a.html --data prepared/photos --split test

      A run is the directory that mmtrain train wrote to; one that still runs, or broke off, is shown as far as it came. The
      page needs nothing beside it: no script, no other file. Every chart has its numbers in a table. With --data the runs'
      weights are measured on a split, and the page shows what they do there: figures with 95 % intervals, what is taken for
      what, how far to believe it, photos with what was told, written or found, and where scores come from.
      """)

  @Argument(help: ArgumentHelp("The directories of runs.", valueName: "run"))
  var runs: [String]

  @Option(help: ArgumentHelp("The page to write; it may be there already.", valueName: "file"))
  var output: String?

  @OptionGroup(title: "On a split") var measuring: MeasuredSplitOptions

  @Flag(help: "Write the page again every ten seconds, until no run goes on.")
  var watch = false

  @Flag(help: "Print what the page shows as one JSON document; without --output no page is written.")
  var json = false

  func validate() throws {
    if output == nil, !json { throw ValidationError("Give --output FILE for the page, or --json") }
    if watch, output == nil { throw ValidationError("--watch writes a page again and again; give --output FILE") }
    if watch, measuring.data != nil {
      throw ValidationError(
        "--data measures the weights once, and --watch writes a page again and again; give one of them")
    }
    if watch, json { throw ValidationError("Give one of --watch and --json, not both") }
    if Set(runs).count < runs.count { throw ValidationError("A run is named twice") }
    if runs.count > RunPage.mostRuns {
      throw ValidationError("More than \(RunPage.mostRuns) runs cannot be told apart on a page")
    }
  }

  func run() throws {
    if runs.count == 1, fileExists(runs[0] + "/plan.yaml") { return try showStudy(in: runs[0]) }
    guard let data = measuring.data else { return try writeUntilNoneGoesOn() }
    _ = try withRanks { communicator in
      let histories = try runs.map { try RunHistory(run: $0) }
      if communicator.rank == 0, let output { try requireWritableFile(output) }
      let measured = try measuring.measured(runs, in: data, communicator)
      if communicator.rank == 0 { try write(histories, measured.map { $0 }, refresh: nil) }
      return .success
    }
  }

  private func writeUntilNoneGoesOn() throws {
    var isGoingOn = true
    while isGoingOn {
      let histories = try runs.map { try RunHistory(run: $0) }
      isGoingOn = watch && histories.contains { $0.state == .running }
      try write(histories, runs.map { _ in nil }, refresh: isGoingOn ? 10 : nil)
      if isGoingOn { Thread.sleep(forTimeInterval: 10) }
    }
  }

  /// A study is shown as `mmtrain study` shows it, with what is there by now.
  private func showStudy(in directory: String) throws {
    var isGoingOn = true
    while isGoingOn {
      let study = try keptStudy(in: directory)
      isGoingOn = try watch && study.expansion.runs.contains { try !study.isDone($0) }
      var page = try StudyPage(study)
      page.refresh = isGoingOn ? 10 : nil
      if let output { try writeAtomically(page.html.utf8, to: output) }
      if json { try printResult(page.document.document) }
      if isGoingOn { Thread.sleep(forTimeInterval: 10) } else if !json { try printResult(page.table) }
    }
  }

  /// - Parameter measured: of each run what its weights do on a split, where that was asked for.
  private func write(_ histories: [RunHistory], _ measured: [MeasuredSplit?], refresh: Int?) throws {
    var page = RunPage(
      zip(histories, measured).map { history, measured in
        var run = RunPage.Run(history, settings: settings(of: history.path), card: card(of: history.path))
        run.measured = measured
        return run
      })
    page.refresh = refresh
    if let output { try writeAtomically(page.html.utf8, to: output) }
    if json { try printResult(page.document.document) }
    if let output, !json { try printResult(histories.map { line($0, output) }.joined()) }
  }

  private func line(_ history: RunHistory, _ output: String) -> String {
    "\(printable(history.path)): \(history.state.rawValue), step \(history.lastStep)"
      + (history.unreadLines > 0 ? ", \(history.unreadLines) lines of metrics.jsonl could not be read" : "")
      + "; \(printable(output))\n"
  }

  private func settings(of run: String) -> [(key: String, value: String, origin: String)] {
    guard let bytes = try? readFile(run + "/configuration.yaml", limit: 1 << 20) else { return [] }
    return writtenSettings(String(decoding: bytes, as: UTF8.self))
  }

  private func card(of run: String) -> String? {
    (try? readFile(run + "/last/README.md", limit: 1 << 20)).map { String(decoding: $0, as: UTF8.self) }
  }
}
