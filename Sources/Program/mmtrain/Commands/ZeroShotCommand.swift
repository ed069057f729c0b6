internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Inference
internal import Reporting
internal import TensorEngine

/// `mmtrain zeroshot`: classification by the names of the classes.
struct ZeroShotCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "zeroshot",
    abstract: "Classify photos, or clips, by the names of their classes, and say how often that is right.",
    discussion: """
      mmtrain zeroshot --model M --data flowers/
      mmtrain zeroshot --model M --data flowers.zip --template "a photo of a {}, a type of flower." --json
      mpirun -n 4 mmtrain zeroshot --model M --data flowers.zip --classes names.tsv --templates templates.txt

      mmtrain zeroshot --model runs/sounds/best --data sounds/ --audio

      Each photo, or clip, lies in a folder named after its class. A class's weights are the mean of its name's features in all
      templates; by default these are open_clip's seven simple ones, and CLAP's one for clips.
      """)

  @Option(help: .model) var model: String

  @Option(
    help: ArgumentHelp("A folder or zip with a folder a class, or a prepared set with labels.", valueName: "path"))
  var data: String

  @Flag(help: "Listen to clips, where there are photos too; without photos clips are listened to anyway.")
  var audio = false

  @Option(help: ArgumentHelp("The split of a prepared set; all of them by default.", valueName: "name"))
  var split: String?

  @Option(
    help: ArgumentHelp("The classes' words: NAME<TAB>WORDS a line, or words in the order of names.", valueName: "file"))
  var classes: String?

  @Option(
    name: .customLong("template"),
    help: ArgumentHelp("A text with {} for the class; may be repeated.", valueName: "text"))
  var literalTemplates: [String] = []

  @Option(name: .customLong("templates"), help: ArgumentHelp("A file with a template a line.", valueName: "file"))
  var templateFile: String?

  @OptionGroup var photoOptions: PhotoOptions

  @OptionGroup var compute: ComputeOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    for template in literalTemplates where !template.contains("{}") {
      throw ValidationError("--template \"\(printable(template))\" has no {} for the class")
    }
  }

  func run() throws {
    var data = try ClassifiedPhotos(at: self.data, split: split, audio ? .clips : nil)
    if let classes { try data.describe(byFile: classes) }
    let templates = try templates(for: data.photos.kind)
    _ = try withRanks { [data] communicator in
      let threads = compute.rankThreads()
      let loaded = try compute.load(model, communicator, threads: threads)
      let progress = EncodingProgress(communicator.rank == 0, data.photos.kind)
      let result = try loaded.classify(
        data, templates: templates, photoOptions.encoding(threads: threads), communicator, progress: progress.photos)
      progress.finish()
      guard communicator.rank == 0 else { return .success }
      mmtrain.report(result.problems, shortened: result.shortened, cutTexts: result.cutTexts, loaded, data.photos)
      let report = ZeroShotReport(
        result: result.report, classes: data.classes, templates: templates, skipped: result.problems, model: model,
        precision: loaded.precision.rawValue, kind: data.photos.kind)
      try printResult(json ? report.document : report.table)
      return .success
    }
  }

  private func templates(for kind: MediaKind) throws -> [String] {
    guard let templateFile else {
      return literalTemplates.isEmpty ? ZeroShot.templates(for: kind) : literalTemplates
    }
    let templates = try readTexts(templateFile)
    for template in templates where !template.contains("{}") {
      throw InferenceError.badClasses(
        path: templateFile, problem: "the template \"\(template)\" has no {} for the class")
    }
    return literalTemplates + templates
  }
}
