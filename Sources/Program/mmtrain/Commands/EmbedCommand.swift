internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Files
internal import Inference
internal import Reporting

/// `mmtrain embed`: features of photos and texts into a file.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Write the features of photos and texts to a file.",
    discussion: """
      mmtrain embed --model M --images photos/ --output photos.safetensors
      mmtrain embed --model M --texts captions.txt --output captions.safetensors
      mpirun -n 4 mmtrain embed --model M --data prepared/flickr8k --split test --output test.safetensors

      The rows of image_features and text_features [N, D] have length one; image_names and texts say what they are of
      (docs/inference.md). The file is there whole or not at all.
      """)

  @Option(help: .model) var model: String

  @Option(
    name: [.customLong("images"), .customLong("image")], parsing: .upToNextOption,
    help: ArgumentHelp("JPEG, PNG or WebP files, and folders of them.", valueName: "file"))
  var images: [String] = []

  @Option(
    help: ArgumentHelp("A file with a text a line, each a row, be it empty; - is standard input.", valueName: "file"))
  var texts: String?

  @Option(help: ArgumentHelp("A prepared data set: its photos and their captions.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The split of the data set; all of them by default.", valueName: "name"))
  var split: String?

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String

  @OptionGroup var photoOptions: PhotoOptions

  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    if data != nil, !images.isEmpty || texts != nil {
      throw ValidationError("--data brings photos and texts: leave --images and --texts away")
    }
    if data == nil, images.isEmpty, texts == nil { throw ValidationError("give --images, --texts or --data") }
    if data == nil, split != nil { throw ValidationError("--split is one of --data") }
  }

  func run() throws {
    let material = try EmbedMaterial(images: images, texts: texts, data: data, split: split)
    _ = try withRanks { communicator in
      let isRoot = communicator.rank == 0
      if isRoot { try requireWritableFile(output) }
      let threads = compute.rankThreads()
      let loaded = try compute.load(model, communicator, threads: threads)
      let progress = EncodingProgress(isRoot, material.photos?.kind ?? .photos)
      let photos = try material.photos.map { photos in
        try loaded.encode(photos, photoOptions.encoding(threads: threads), communicator, progress: progress.photos)
      }
      let texts = try material.texts.map { try loaded.encode($0, communicator, progress: progress.texts) }
      progress.finish()
      guard isRoot else { return .success }
      report(
        photos?.problems ?? [], shortened: photos?.shortened ?? [], cutTexts: texts?.cutTexts ?? 0, loaded,
        material.photos)
      try material.file(photos, texts, stamp: loaded.stamp(name: rememberedName(ofModel: model))).write(to: output)
      return .success
    }
  }
}

/// What is to be embedded.
private struct EmbedMaterial {
  var photos: (any PhotoCollection)?
  var texts: [String]?
  /// Of each text the place of its photo, where texts are captions.
  private var photoOfText: [Int]?

  init(images: [String], texts path: String?, data: String?, split: String?) throws {
    if let data {
      let photos = try SplitPhotos(PreparedDataSet(path: data), split: split)
      let captions = try photos.samples.map { try photos.dataSet.captions($0) }
      self.photos = photos
      texts = captions.flatMap(\.self)
      photoOfText = captions.enumerated().flatMap { [Int](repeating: $0, count: $1.count) }
    } else {
      photos = images.isEmpty ? nil : try PhotoFiles(at: images)
      texts = try path.map { try readTextFile($0, blankLines: .texts) }
    }
  }

  func file(_ photos: EncodedPhotos?, _ texts: EncodedTexts?, stamp: ModelStamp) -> FeatureFile {
    var file = FeatureFile(stamp: stamp)
    if let photos, let collection = self.photos {
      file.images = FeatureFile.Table(
        features: photos.features, names: photos.places.map { collection.name(at: $0) })
    }
    if let texts, let strings = self.texts {
      file.texts = FeatureFile.Table(features: texts.features, names: strings)
    }
    if let photoOfText, let photos {
      var rows = [Int32](repeating: -1, count: collectionCount)
      for (row, place) in photos.places.enumerated() { rows[place] = Int32(row) }
      file.imageOfText = photoOfText.map { rows[$0] }
    }
    return file
  }

  private var collectionCount: Int { photos?.count ?? 0 }
}
