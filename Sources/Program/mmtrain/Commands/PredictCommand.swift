internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Inference
internal import Launching
internal import Logging
internal import Models
internal import Pretrained
internal import Reporting
internal import TensorEngine
internal import Training

/// `mmtrain predict`: what a model says of photos and texts, as its task has taught it, or by the heads that it has.
struct PredictCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "predict",
    abstract: "Say what the model was trained to say: classes, answers to questions, captions, words behind masks.",
    discussion: """
      mmtrain predict --model runs/flowers/best --image photos/ --json
      mmtrain predict --model dandelin/vilt-b32-finetuned-vqa --image a.jpg b.jpg --question "how many dogs are there?"
      mmtrain predict --model M --image photos/ --text "two [MASK] on a [MASK]" --json
      mmtrain predict --model runs/a/best runs/b/best runs/c/best --image photos/ --json-lines
      mmtrain predict --model runs/captions/best --image photos/ --beams 5 --block-repetition 3 --page captions.html
      mmtrain predict --model runs/sounds/best --audio clips/ --top 3
      mmtrain predict --model runs/scenes/best --image photos/ --audio clips/ --text "a red car"
      mmtrain predict --model runs/boxes/best --image street.jpg --text "a red car" "the tree" --page boxes.html

      Photos and clips together are of the same samples: files in their order, those of folders by their names without ends.
      Every text is asked of every photo. The probability of an answer stands by itself where several may be right; those of
      all words that may stand in one place add up to one. Of several models of one task the mean of their probabilities is
      told. --json-lines tells photo by photo as they are done, so that there may be any number of them.
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "A directory, a .safetensors file in one, or a hub name; several are asked together.", valueName: "model"))
  var model: [String]

  @Option(
    name: [.customLong("image"), .customLong("images")], parsing: .upToNextOption,
    help: ArgumentHelp("JPEG, PNG or WebP files, and folders of them.", valueName: "file"))
  var images: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "WAV, FLAC, Ogg or MP3 files, and folders of them, for a model that hears clips.", valueName: "file"))
  var audio: [String] = []

  @Option(
    name: .customLong("question"), parsing: .upToNextOption,
    help: ArgumentHelp("Questions about each photo.", valueName: "text"))
  var questions: [String] = []

  @Option(
    name: .customLong("text"), parsing: .upToNextOption,
    help: ArgumentHelp(
      "Texts about each photo: what the task reads beside it, phrases, or texts with [MASK] in the place of words.",
      valueName: "text"))
  var texts: [String] = []

  @Option(help: .answers)
  var answers: String?

  @Option(help: ArgumentHelp("How many of the likeliest to tell.", valueName: "n"))
  var top = 5

  @OptionGroup(title: "Writing") var writing: WritingOptions

  @OptionGroup var photoOptions: PhotoOptions

  @OptionGroup var compute: ComputeOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  @Flag(help: "Print a JSON object a line, for each photo and text, as the photos are done.")
  var jsonLines = false

  @Option(help: ArgumentHelp("Write a page with the photos as well.", valueName: "file"))
  var page: String?

  @Option(
    help: ArgumentHelp(
      "With --page: what people say of the photos, shown beside it; JSON as COCO has its captions, by the photos' file names.",
      valueName: "file"))
  var references: String?

  func validate() throws {
    if images.isEmpty, audio.isEmpty, questions.isEmpty, texts.isEmpty {
      throw ValidationError(
        "give photos with --image, clips with --audio, questions with --question or texts with --text")
    }
    if !(1...1000).contains(top) { throw ValidationError("--top must be from 1 to 1000") }
    if references != nil, page == nil { throw ValidationError("--references is for --page; give both") }
    if json, jsonLines { throw ValidationError("give --json or --json-lines, not both") }
  }

  func run() throws {
    let photos = try askedFiles()
    let people = try references.map { try CaptionTable(at: $0) }
    _ = try withRanks { communicator in
      if communicator.rank == 0, let page { try requireWritableFile(page) }
      let threads = compute.rankThreads()
      let directories = try model.map { try ModelDirectory(path: modelPath($0, communicator)) }
      let asked = try TaskModel(
        directories, answersFile: answers, asksWords: questions.isEmpty && !texts.isEmpty,
        precision: compute.precision(isRoot: communicator.rank == 0),
        allowsNotFinite: compute.finiteness.allowsNotFinite, threads: threads, spins: communicator.size == 1)
      if let asked {
        try predict(asked.writing(writing.request), photos, people, threads: threads, communicator)
      } else {
        try predictByHeads(directories, photos, people, threads: threads, communicator)
      }
      return .success
    }
  }

  /// Photos, clips, or both of the same samples; nil where texts alone are asked.
  private func askedFiles() throws -> (any PhotoCollection)? {
    guard !images.isEmpty else { return audio.isEmpty ? nil : try PhotoFiles(at: audio, .clips) }
    return audio.isEmpty ? try PhotoFiles(at: images) : try PairedFiles(photos: images, clips: audio)
  }

  /// By what the task has put on the model, or on each of several.
  private func predict(
    _ asked: TaskModel, _ photos: (any PhotoCollection)?, _ people: CaptionTable?, threads: Int,
    _ communicator: any Communicator
  ) throws {
    let isRoot = communicator.rank == 0
    if isRoot {
      if let words = (photos as? PairedFiles)?.wordsOfAbsence { makeLogger(rank: nil).warning("\(words)") }
      warnOfNotFinite(asked.notFiniteTensors)
      for path in asked.unusedCalibrations {
        makeLogger(rank: nil).warning(
          "the calibration of \(printable(path)) is its own and not that of several models together: it is not used")
      }
    }
    let texts = questions + texts
    var output = output(photos, people, asked.loaded, way: asked.wayOfWriting)
    try asked.predict(photos, texts, top: top, photoOptions.encoding(threads: threads), communicator) {
      if isRoot { try output.add($0) }
    }
    if isRoot { try output.finish(cutTexts: asked.cutTexts(texts), asked.loaded) }
    let remark = try asked.remarkOnWriting(output.written, communicator)
    if isRoot, let remark { makeLogger(rank: nil).info("\(remark)") }
  }

  /// By the heads of a model without a task of ours.
  private func predictByHeads(
    _ directories: [ModelDirectory], _ photos: (any PhotoCollection)?, _ people: CaptionTable?, threads: Int,
    _ communicator: any Communicator
  ) throws {
    guard let photos else { throw ValidationError("give photos with --image") }
    let isClassifier = directories[0].description is any PublishedClassifierDescription
    guard photos.clips == nil else {
      throw InferenceError.looksAtOne(path: directories[0].path, model: directories[0].description.name)
    }
    guard photos.kind == .photos || isClassifier else {
      throw InferenceError.asksNothingOfClips(path: directories[0].path, model: directories[0].description.name)
    }
    if writing.request.isAsked {
      throw ValidationError(
        "\(printable(model[0])) has no task that writes texts, so that options on how they are written mean nothing to it; leave them out"
      )
    }
    let queries = questions.map { Query.question($0) } + texts.map { Query.maskedText($0) }
    if queries.isEmpty != isClassifier {
      throw ValidationError(
        isClassifier
          ? "\(printable(model[0])) says which classes \(photos.kind.word)s are of, and reads no texts; leave --question and --text out"
          : "give questions with --question, or texts with --text")
    }
    let isRoot = communicator.rank == 0
    let loaded = try compute.load(directories[0], communicator, threads: threads)
    let asked = try HeadModel(loaded, top: top) ?? HeadModel(loaded, queries, top: top)
    var output = output(photos, people, loaded)
    try asked.predict(photos, photoOptions.encoding(threads: threads), communicator) {
      if isRoot { try output.add($0) }
    }
    if isRoot { try output.finish(cutTexts: asked.cutTexts, loaded) }
  }

  /// - Parameter way: how texts are written, where any are.
  private func output(
    _ photos: (any PhotoCollection)?, _ people: CaptionTable?, _ loaded: LoadedModel, way: String? = nil
  ) -> PredictOutput {
    PredictOutput(
      PredictReport(models: model, precision: loaded.precision.rawValue, way: way),
      json ? .document : jsonLines ? .lines : .table, photos, page: page, references: people)
  }
}
