internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Files
internal import Inference
internal import Reporting

/// `mmtrain search`: photos by what they show, clips by what they sound like.
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search",
    abstract: "Find photos, or clips, by a text, by a photo or by a clip.",
    discussion: """
      mmtrain search index --model M --photos photos/ --output photos.safetensors
      mmtrain search query --index photos.safetensors --text "two dogs" --html dogs.html
      """,
    subcommands: [SearchIndexCommand.self, SearchQueryCommand.self])
}

/// `mmtrain search index`: the features of all photos, once.
struct SearchIndexCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "index",
    abstract: "Encode photos, or clips, into an index.",
    discussion: """
      mmtrain search index --model M --photos photos/ --output photos.safetensors
      mpirun -n 4 mmtrain search index --model M --photos prepared/flickr8k --output flickr8k.safetensors
      mmtrain search index --model M --photos recordings/ --audio --output recordings.safetensors
      """)

  @Option(help: .model) var model: String

  @Option(help: ArgumentHelp("A folder, a zip or a prepared data set.", valueName: "path"))
  var photos: String

  @Flag(help: "Listen to clips, where there are photos too; without photos clips are listened to anyway.")
  var audio = false

  @Option(help: ArgumentHelp("The split of a prepared set; all of them by default.", valueName: "name"))
  var split: String?

  @Option(help: ArgumentHelp("The index to write.", valueName: "file"))
  var output: String

  @OptionGroup var photoOptions: PhotoOptions

  @OptionGroup var compute: ComputeOptions

  func run() throws {
    let collection = try photoCollection(at: photos, split: split, audio ? .clips : nil)
    _ = try withRanks { communicator in
      let isRoot = communicator.rank == 0
      if isRoot { try requireWritableFile(output) }
      let threads = compute.rankThreads()
      let loaded = try compute.load(model, communicator, threads: threads)
      let progress = EncodingProgress(isRoot, collection.kind)
      let encoded = try loaded.encode(
        collection, photoOptions.encoding(threads: threads), communicator, progress: progress.photos)
      progress.finish()
      guard isRoot else { return .success }
      report(encoded.problems, shortened: encoded.shortened, cutTexts: 0, loaded, collection)
      var file = FeatureFile(
        stamp: try loaded.stamp(name: rememberedName(ofModel: model)), photos: absolutePath(photos))
      file.set(encoded, of: collection)
      file.nearness = try compute.nearness(to: loaded) {
        [try $0.nearness(of: encoded, collection, photoOptions.encoding(threads: threads))]
      }
      try file.write(to: output)
      return .success
    }
  }
}

/// `mmtrain search query`: the photos, or clips, of an index that are nearest to a text, a photo or a clip.
struct SearchQueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: "Ask an index for the photos, or clips, nearest to texts, photos or clips.",
    discussion: """
      mmtrain search query --index photos.safetensors --text "two dogs" "a red car" --top 5
      mmtrain search query --index photos.safetensors --image dog.jpg --html like-this.html
      mmtrain search query --index sounds.safetensors --audio bark.wav

      Every photo is compared, and equal ones come in the order of their names. The query has to go through the model
      that made the index; --model says where it is, if it has moved.
      """)

  @Option(help: ArgumentHelp("What `search index` wrote.", valueName: "file"))
  var index: String

  @Option(
    name: .customLong("text"), parsing: .upToNextOption,
    help: ArgumentHelp("Texts that the photos should show.", valueName: "text"))
  var texts: [String] = []

  @Option(
    name: .customLong("image"), parsing: .upToNextOption,
    help: ArgumentHelp("JPEG, PNG or WebP files that the photos should be like.", valueName: "file"))
  var images: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "WAV, FLAC, Ogg or MP3 files to ask with, of a model that hears clips.", valueName: "file"))
  var audio: [String] = []

  @Option(help: ArgumentHelp("How many photos to find.", valueName: "k"))
  var top = 10

  @Option(help: ArgumentHelp("Where the index's model is; by default where it was.", valueName: "model"))
  var model: String?

  @Option(help: ArgumentHelp("Write a page that shows the photos.", valueName: "file"))
  var html: String?

  @OptionGroup var compute: ComputeOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if texts.isEmpty, images.isEmpty, audio.isEmpty { throw ValidationError("give --text, --image or --audio") }
    if !(1...10_000).contains(top) { throw ValidationError("--top must be from 1 to 10000") }
  }

  func run() throws {
    let queryPhotos = images.isEmpty ? nil : try PhotoFiles(at: images)
    let queryClips = audio.isEmpty ? nil : try PhotoFiles(at: audio, .clips)
    let file = try FeatureFile(path: index)
    guard let (photos, kind) = file.media else { throw InferenceError.noImages(path: index) }
    _ = try withRanks { communicator in
      if communicator.rank == 0, let html { try requireWritableFile(html) }
      let loaded = try compute.load(model ?? file.stamp.name, communicator, threads: compute.rankThreads())
      try loaded.require(file, path: index, name: model ?? file.stamp.name)
      var queries: [SearchQuery] = texts.map { .text($0) }
      var features = try loaded.encode(texts, communicator).features
      for files in [queryPhotos, queryClips].compactMap(\.self) {
        queries += files.paths.map { files.kind == .photos ? .image($0) : .audio($0) }
        let encoded = try loaded.encode(files, PhotoEncoding(), communicator)
        features.values += encoded.features.values
        if communicator.rank == 0 {
          report(encoded.problems, shortened: encoded.shortened, cutTexts: 0, loaded, files)
        }
      }
      guard communicator.rank == 0 else { return .success }
      let hits = photos.nearest(top, to: features, loaded.engine)
      let answers = zip(queries, hits).map { SearchAnswer(query: $0, hits: $1) }
      if let html { try writePage(html, answers, file, photos, kind, queryPhotos) }
      try printResult(json ? searchDocument(answers, index: index, file).document : table(answers))
      return .success
    }
  }

  private func writePage(
    _ path: String, _ answers: [SearchAnswer], _ file: FeatureFile, _ table: FeatureFile.Table,
    _ kind: MediaKind, _ queryPhotos: PhotoFiles?
  ) throws {
    // An index says where its photos are; what `embed` wrote has their paths for names.
    let photos: (any PhotoCollection)? =
      if let place = file.photos {
        try? photoCollection(at: place, kind == .clips ? kind : nil)
      } else {
        try? PhotoFiles(at: table.names, kind)
      }
    let page = SearchPage(
      index: index, model: file.stamp.name, photoCount: table.names.count, photos: photos, kind: photos?.kind ?? kind)
    try writeAtomically(page.page(answers, queryPhotos: queryPhotos).utf8, to: path)
  }

  private func table(_ answers: [SearchAnswer]) -> String {
    answers.map { answer in
      printable(answer.query.member.1.line) + "\n"
        + answer.hits.enumerated().map { rank, hit in
          column("\(rank + 1)", 5) + column(decimals(Double(hit.similarity), 3), 8) + "  \(printable(hit.name))\n"
        }.joined()
    }.joined(separator: "\n")
  }
}
