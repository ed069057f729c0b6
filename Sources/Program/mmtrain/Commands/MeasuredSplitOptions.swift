internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Evaluation
internal import Files
internal import Foundation
internal import Inference
internal import Launching
internal import Reporting
internal import Reports
internal import Training

/// On what a report measures the runs' weights, and how much of it it shows.
struct MeasuredSplitOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A prepared data set: the weights of each run are measured on a split of it, and the page shows what they do there.",
      valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("With --data: the split, by default test.", valueName: "name"))
  var split: String?

  @Option(
    help: ArgumentHelp("With --data: samples, and searches, that are shown of each run; by default 12.", valueName: "n")
  )
  var samples: Int?

  @Flag(help: "With --data: measure the best weights of each run (RUN/best) in the place of the last.")
  var best = false

  @Option(help: ArgumentHelp("With --data: threads of a rank; by default the cores are divided.", valueName: "n"))
  var threads: Int?

  func validate() throws {
    if data == nil {
      let alone = [
        ("--split", split != nil), ("--samples", samples != nil), ("--best", best), ("--threads", threads != nil),
      ]
      if let option = alone.first(where: { $0.1 })?.0 {
        throw ValidationError(
          "\(option) is for a split that runs are measured on; name its set with --data, or leave it out")
      }
    }
    if let samples, !(1...100).contains(samples) { throw ValidationError("--samples must be from 1 to 100") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  /// What each run's weights do on the split, in the order of the runs; on rank 0, for others nothing. Collective.
  /// - Throws: the errors of evaluating; `NoWeightsError` for a run that has saved none.
  func measured(_ runs: [String], in data: String, _ communicator: any Communicator) throws -> [MeasuredSplit] {
    let split = split ?? "test"
    let dataSet = try PreparedDataSet(path: data)
    let photos = try SplitPhotos(dataSet, split: split)
    let models = try runs.map { run in
      let name = run + (best ? "/best" : "/last")
      let path = try checkpointPath(name)
      guard isDirectory(path) else { throw NoWeightsError(run: run, isBest: best) }
      return (name: name, path: path)
    }
    let reports = try models.map { try report($0.path, data, split, communicator) }
    guard communicator.rank == 0 else { return [] }
    var pictures = SplitPictures()
    return zip(models, reports).map { model, report in
      var explainer: SplitExplainer?
      return MeasuredSplit(
        model: model.name, data: data, split: split, report, &pictures, showsClips: photos.kind == .clips,
        picture: { place in
          photos.kind == .clips
            ? photos.clipPicture(at: place, width: SplitPictures.side)
            : photos.thumbnail(at: place, side: SplitPictures.side)
        },
        explain: { place, text, number in
          let asked =
            try explainer ?? SplitExplainer(path: model.path, threads: rankThreads, spins: communicator.size == 1)
          explainer = asked
          return try asked.explain(photos, at: place, text, telling: number, Self.maps)
        })
    }
  }

  private var rankThreads: Int {
    Launching.rankThreads(requested: threads, detectLaunch(ProcessInfo.processInfo.environment))
  }

  private func report(
    _ path: String, _ data: String, _ split: String, _ communicator: any Communicator
  ) throws -> any TaskReport {
    var request = EvaluationRequest([path], threads: rankThreads)
    request.shown = samples ?? 12
    return try evaluateModel(
      request, data: data, split: split, communicator: communicator,
      output: communicator.rank == 0 ? .standardError(environment: environmentVariable) : .silent,
      warnOfNotFinite: warnOfNotFinite)
  }

  /// Deletion curves belong to `mmtrain explain`: as little of them as there can be.
  private static var maps: ExplanationSettings {
    var settings = ExplanationSettings()
    (settings.steps, settings.draws) = (1, 1)
    return settings
  }
}

/// A run without the weights that are to be measured.
struct NoWeightsError: ReportableError {
  let run: String
  let isBest: Bool

  var description: String {
    isBest
      ? "\(printable(run)) has no best weights (best): it has not evaluated any yet; leave --best out to measure the last"
      : "\(printable(run)) has saved no weights yet (last); wait for its first checkpoint, or leave --data out"
  }
  var exitCode: Reporting.ExitCode { .missingInput }
}
