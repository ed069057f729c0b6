internal import ArgumentParser
internal import Files
internal import FoundationEssentials
internal import Preparation
internal import Reporting
internal import Scenes
internal import Tokenization

/// `mmtrain prepare`: archives, photos and captions become a data set that can be trained on.
struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Make a data set for training out of an archive or a folder of photos.",
    discussion: """
      mmtrain prepare scenes --output prepared/scenes
      mmtrain prepare --archive photos.zip --output prepared/photos
      mmtrain prepare --images photos --captions captions.csv --output prepared/photos

      Every photo is decoded once, and a report (report.html in the set) says what was left out and why.
      """)

  @Argument(help: ArgumentHelp("The built-in set: scenes.", valueName: "name"))
  var source: String?

  @Option(help: ArgumentHelp("A zip archive with photos and captions.", valueName: "file"))
  var archive: String?

  @Option(help: ArgumentHelp("A folder of photos.", valueName: "dir"))
  var images: String?

  @Option(help: ArgumentHelp("The caption file, where it is not found by itself.", valueName: "file"))
  var captions: String?

  @Option(help: ArgumentHelp("A file that divides the photos into splits.", valueName: "file"))
  var splits: String?

  @Option(help: ArgumentHelp("A tokenizer.json to use instead of one trained on the captions.", valueName: "file"))
  var tokenizer: String?

  @Option(help: ArgumentHelp("Most tokens of a trained tokenizer.", valueName: "n"))
  var vocabularySize = 8192

  @Option(help: ArgumentHelp("Share of unfit photos or captions that is accepted.", valueName: "fraction"))
  var maxBadFraction = 0.001

  @Flag(help: "Take truncated or damaged photos; what is missing of them becomes grey.")
  var lenient = false

  @Option(help: ArgumentHelp("The data set to make; must not exist.", valueName: "dir"))
  var output: String

  @Flag(help: "Print the report as one JSON document.")
  var json = false

  func validate() throws {
    let given = [source, archive, images].count { $0 != nil }
    guard given == 1 else {
      throw ValidationError("Give one of NAME, --archive and --images; \(given) were given")
    }
    guard !output.isEmpty else { throw ValidationError("--output is empty") }
    guard (BPETrainer.minimumVocabularySize...1_000_000).contains(vocabularySize) else {
      throw ValidationError("--vocabulary-size must be from \(BPETrainer.minimumVocabularySize) to 1000000")
    }
    guard (0...1).contains(maxBadFraction) else { throw ValidationError("--max-bad-fraction must be from 0 to 1") }
    if let source, source != "scenes" { throw ValidationError(advice(for: source)) }
  }

  func run() throws {
    let progress = ProgressOutput.standardError(environment: environmentVariable)
    let threads = Machine.current().usableCores
    let report: PreparationReport
    if source != nil {
      report = try prepareScenes(output: output, threads: threads, progress: progress)
    } else {
      report = try prepareWithProgress(request(threads: threads), progress)
    }
    if json {
      try printResult(String(decoding: report.json(), as: UTF8.self))
    } else {
      try printResult(summary(report))
    }
  }

  private func request(threads: Int) throws -> PreparationRequest {
    let source = archive.map { PreparationRequest.Source.archive(path: $0) } ?? .folder(path: images ?? "")
    var request = PreparationRequest(source: source, output: output, threads: threads)
    request.captions = captions
    request.splits = splits
    request.maximumBadFraction = maxBadFraction
    request.acceptsDamagedPhotos = lenient
    request.tokenizer =
      try tokenizer.map { .given(json: try readFile($0, limit: 64 << 20), path: $0) }
      ?? .train(vocabularySize: vocabularySize)
    return request
  }

  private func advice(for name: String) -> String {
    if ["flickr30k", "flickr8k", "coco-captions"].contains(name) {
      return
        "\(name) cannot be fetched by itself yet: get its archive (datasets/ says where) and give it with --archive"
    }
    let hint = nearest(to: name, among: ["scenes"]).map { "; did you mean \($0)?" } ?? ""
    return "no built-in data set is called \(printable(name))\(hint)"
  }

  private func summary(_ report: PreparationReport) -> String {
    let splits = report.splits.map { "  \($0.name): \($0.photos) photos, \($0.captions) captions\n" }.joined()
    let problems =
      report.problemCount == 0
      ? "nothing left out" : "\(report.problemCount) problems; \(printable(output))/report.html lists them"
    return "\(printable(output)): \(printable(report.name))\n\(splits)  \(problems)\n"
  }
}

/// Renders the built-in scenes as a zip and prepares that like any archive.
@discardableResult
func prepareScenes(output: String, threads: Int, progress: ProgressOutput) throws -> PreparationReport {
  let zip = output + ".zip"
  let reporter = ProgressReporter(title: "rendering", unit: "scene", total: nil, output: progress)
  try makeDirectory(parentDirectory(of: zip))
  try writeScenes(to: zip, settings: SceneSettings()) { done, total in
    reporter.update(completed: done, of: total)
  }
  reporter.finish()
  var request = PreparationRequest(source: .archive(path: zip), output: output, threads: threads)
  request.name = "scenes"
  request.tokenizer = .train(vocabularySize: 1024)
  request.licence = "made by mmtrain, free of rights"
  let report = try prepareWithProgress(request, progress)
  try removeTree(zip)
  return report
}

private func prepareWithProgress(
  _ request: PreparationRequest, _ output: ProgressOutput
) throws -> PreparationReport {
  var reporter: ProgressReporter?
  var stage: PreparationProgress.Stage?
  let report = try prepare(request) { step in
    if step.stage != stage {
      reporter?.finish()
      stage = step.stage
      let next = ProgressReporter(title: step.stage.rawValue, unit: "photo", total: step.total, output: output)
      if !step.stage.countsPhotos { next.note(step.stage.rawValue) }
      reporter = step.stage.countsPhotos ? next : nil
    }
    reporter?.update(completed: step.done)
  }
  reporter?.finish()
  return report
}
