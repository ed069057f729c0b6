internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Inference
internal import Pretrained
internal import Reporting
internal import TensorEngine
internal import Training

/// `mmtrain predict`: what a model says of photos and texts, as its task has taught it, or by the heads that it has.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say what the model was trained to say: classes, answers to questions, words behind masks.",
    discussion: """
      mmtrain predict --model runs/flowers/best --image photos/ --json
      mmtrain predict --model M --image a.jpg b.jpg --question "how many dogs are there?"
      mmtrain predict --model M --image photos/ --text "two [MASK] on a [MASK]" --json

      Everything is asked of every photo. The probability of an answer stands by itself, as several may be right; those of
      all words that may stand in one place add up to one.
      """)

  @Option(help: .model) var model: String

  @Option(
    name: [.customLong("image"), .customLong("images")], parsing: .upToNextOption,
    help: ArgumentHelp("JPEG, PNG or WebP files, and folders of them.", valueName: "file"))
  var images: [String] = []

  @Option(
    name: .customLong("question"), parsing: .upToNextOption,
    help: ArgumentHelp("Questions about each photo.", valueName: "text"))
  var questions: [String] = []

  @Option(
    name: .customLong("text"), parsing: .upToNextOption,
    help: ArgumentHelp("Texts about each photo with [MASK] in the place of words.", valueName: "text"))
  var texts: [String] = []

  @Option(help: ArgumentHelp("How many of the likeliest to tell.", valueName: "n"))
  var top = 5

  @OptionGroup var photoOptions: PhotoOptions

  @OptionGroup var compute: ComputeOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if images.isEmpty, questions.isEmpty, texts.isEmpty {
      throw ValidationError("give photos with --image, questions with --question or texts with --text")
    }
    if !(1...1000).contains(top) { throw ValidationError("--top must be from 1 to 1000") }
  }

  func run() throws {
    let photos = images.isEmpty ? nil : try PhotoFiles(at: images)
    _ = try withRanks { communicator in
      let threads = compute.rankThreads()
      let directory = try ModelDirectory(path: modelPath(model, communicator))
      let asked = try TaskModel(
        directory, precision: compute.precision(isRoot: communicator.rank == 0),
        allowsNotFinite: compute.finiteness.allowsNotFinite, threads: threads, spins: communicator.size == 1)
      if let asked {
        try predict(asked, photos, threads: threads, communicator)
      } else {
        try predictByHeads(directory, photos, threads: threads, communicator)
      }
      return .success
    }
  }

  /// By what the task has put on the model.
  private func predict(
    _ asked: TaskModel, _ photos: PhotoFiles?, threads: Int, _ communicator: any Communicator
  ) throws {
    let texts = questions + texts
    let predicted = try asked.predict(
      photos, texts, top: top, photoOptions.encoding(threads: threads), communicator)
    guard communicator.rank == 0 else { return }
    warnOfNotFinite(asked.loaded.notFiniteTensors)
    report(predicted.problems, animated: predicted.animated, cutTexts: 0, asked.loaded)
    let report = PredictedTask(
      predicted: predicted, images: photos.map { photos in predicted.places.map { photos.name(at: $0) } } ?? [],
      texts: texts, model: model, precision: asked.loaded.engine.precision.rawValue)
    try printResult(json ? report.document : report.table)
  }

  /// By the heads of a model without a task of ours.
  private func predictByHeads(
    _ directory: ModelDirectory, _ photos: PhotoFiles?, threads: Int, _ communicator: any Communicator
  ) throws {
    guard let photos else { throw ValidationError("give photos with --image") }
    let queries = questions.map { Query.question($0) } + texts.map { Query.maskedText($0) }
    if queries.isEmpty { throw ValidationError("give questions with --question, or texts with --text") }
    let loaded = try compute.load(directory, communicator, threads: threads)
    let predicted = try loaded.predict(
      photos, queries, top: top, photoOptions.encoding(threads: threads), communicator)
    guard communicator.rank == 0 else { return }
    report(predicted.problems, animated: predicted.animated, cutTexts: predicted.cutTexts, loaded)
    let report = PredictReport(
      predicted: predicted, images: predicted.places.map { photos.name(at: $0) }, queries: queries, model: model,
      precision: loaded.engine.precision.rawValue)
    try printResult(json ? report.document : report.table)
  }
}
