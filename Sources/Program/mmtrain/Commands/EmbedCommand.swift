internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Files
internal import Inference
internal import Models
internal import Pretrained
internal import Reporting

/// `mmtrain embed`: features of photos, clips and texts into a file.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Write the features of photos, clips and texts to a file.",
    discussion: """
      mmtrain embed --model M --images photos/ --output photos.safetensors
      mmtrain embed --model M --texts captions.txt --output captions.safetensors
      mmtrain embed --model M --audio recordings/ --output recordings.safetensors
      mpirun -n 4 mmtrain embed --model M --data prepared/flickr8k --split test --output test.safetensors

      The rows of image_features, audio_features and text_features [N, D] have length one; image_names, audio_names and texts
      say what they are of (docs/inference.md). The file is there whole or not at all.
      """)

  @Option(help: .model) var model: String

  @Option(
    name: [.customLong("images"), .customLong("image")], parsing: .upToNextOption,
    help: ArgumentHelp("JPEG, PNG or WebP files, and folders of them.", valueName: "file"))
  var images: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "WAV, FLAC, Ogg or MP3 files, and folders of them, for a model that hears clips.", valueName: "file"))
  var audio: [String] = []

  @Option(
    help: ArgumentHelp("A file with a text a line, each a row, be it empty; - is standard input.", valueName: "file"))
  var texts: String?

  @Option(help: ArgumentHelp("A prepared data set: its photos, or clips, and their captions.", valueName: "dir"))
  var data: String?

  @Option(help: ArgumentHelp("The split of the data set; all of them by default.", valueName: "name"))
  var split: String?

  @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
  var output: String

  @OptionGroup var photoOptions: PhotoOptions

  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    if data != nil, !images.isEmpty || !audio.isEmpty || texts != nil {
      throw ValidationError("--data brings photos, clips and texts: leave --images, --audio and --texts away")
    }
    if data == nil, images.isEmpty, audio.isEmpty, texts == nil {
      throw ValidationError("give --images, --audio, --texts or --data")
    }
    if data == nil, split != nil { throw ValidationError("--split is one of --data") }
  }

  func run() throws {
    let given = try EmbedMaterial(images: images, audio: audio, texts: texts, data: data, split: split)
    _ = try withRanks { communicator in
      let isRoot = communicator.rank == 0
      if isRoot { try requireWritableFile(output) }
      let threads = compute.rankThreads()
      let loaded = try compute.load(model, communicator, threads: threads)
      let material = try given.read(by: loaded.directory.description)
      func encode(_ photos: any PhotoCollection) throws -> EncodedPhotos {
        let progress = EncodingProgress(isRoot, photos.kind)
        defer { progress.finish() }
        return try loaded.encode(
          photos, photoOptions.encoding(threads: threads), communicator, progress: progress.photos)
      }
      let photos = try material.photos.map(encode)
      let clips = try material.clips.map(encode)
      let progress = EncodingProgress(isRoot, .photos)
      let texts = try material.texts.map { try loaded.encode($0, communicator, progress: progress.texts) }
      progress.finish()
      guard isRoot else { return .success }
      report(
        photos?.problems ?? [], shortened: photos?.shortened ?? [], cutTexts: texts?.cutTexts ?? 0, loaded,
        material.photos)
      report(
        clips?.problems ?? [], shortened: clips?.shortened ?? [], cutTexts: 0, loaded, material.clips, kind: .clips)
      let stamp = try loaded.stamp(name: rememberedName(ofModel: model))
      var file = material.file(photos, clips, texts, stamp: stamp)
      file.nearness = try compute.nearness(to: loaded) { exact in
        let encoding = photoOptions.encoding(threads: threads)
        return [
          try photos.flatMap { encoded in
            try material.photos.flatMap { try exact.nearness(of: encoded, $0, encoding) }
          },
          try clips.flatMap { encoded in try material.clips.flatMap { try exact.nearness(of: encoded, $0, encoding) } },
          try texts.flatMap { encoded in try material.texts.flatMap { try exact.nearness(of: encoded, $0) } },
        ]
      }
      try file.write(to: output)
      return .success
    }
  }
}

/// What is to be embedded.
private struct EmbedMaterial {
  private(set) var photos: (any PhotoCollection)?
  private(set) var clips: (any PhotoCollection)?
  private(set) var texts: [String]?
  /// The samples that the data have; none where files are named.
  private var split: SplitPhotos?
  /// Of each text the place of its sample, where texts are captions.
  private var sampleOfText: [Int]?
  /// Of photos, and of clips, the places of their samples, where not each sample has one.
  private var (samplesOfPhotos, samplesOfClips): ([Int]?, [Int]?)

  init(images: [String], audio: [String], texts path: String?, data: String?, split: String?) throws {
    if let data {
      let samples = try SplitPhotos(PreparedDataSet(path: data), split: split)
      let captions = try samples.samples.map { try samples.dataSet.captions($0) }
      self.split = samples
      texts = captions.flatMap(\.self)
      sampleOfText = captions.enumerated().flatMap { [Int](repeating: $0, count: $1.count) }
    } else {
      photos = images.isEmpty ? nil : try PhotoFiles(at: images)
      clips = audio.isEmpty ? nil : try PhotoFiles(at: audio, .clips)
      texts = try path.map { try readTextFile($0, blankLines: .texts) }
    }
  }

  /// What there is of samples of data: what the model sees, or hears in its place; of a model that sees and hears both, of which a sample
  /// may lack either.
  func read(by model: any ModelDescription) throws -> EmbedMaterial {
    guard let split else { return self }
    var made = self
    guard model.inputs.clips != nil else {
      let own = model.images.modality == .audio ? split.of(.clips) : split
      if own.kind == .photos { made.photos = own } else { made.clips = own }
      return made
    }
    let photos = try split.of(.photos).present()
    let clips = try split.of(.clips).present()
    (made.photos, made.samplesOfPhotos) = (photos?.photos, photos?.places)
    (made.clips, made.samplesOfClips) = (clips?.photos, clips?.places)
    return made
  }

  func file(
    _ photos: EncodedPhotos?, _ clips: EncodedPhotos?, _ texts: EncodedTexts?, stamp: ModelStamp
  ) -> FeatureFile {
    var file = FeatureFile(stamp: stamp)
    if let photos, let collection = self.photos { file.set(photos, of: collection) }
    if let clips, let collection = self.clips { file.set(clips, of: collection) }
    if let texts, let strings = self.texts {
      file.texts = FeatureFile.Table(features: texts.features, names: strings)
    }
    file.imageOfText = rowsOfTexts(photos, samplesOfPhotos)
    file.clipOfText = rowsOfTexts(clips, samplesOfClips)
    return file
  }

  /// Of each caption the row of its sample, -1 where that has none.
  private func rowsOfTexts(_ encoded: EncodedPhotos?, _ samples: [Int]?) -> [Int32]? {
    guard let encoded, let split, let sampleOfText else { return nil }
    var rows = [Int32](repeating: -1, count: split.count)
    for (row, place) in encoded.places.enumerated() { rows[samples?[place] ?? place] = Int32(row) }
    return sampleOfText.map { rows[$0] }
  }
}

extension FeatureFile {
  /// Puts photos, or clips, in the place of their kind.
  mutating func set(_ encoded: EncodedPhotos, of collection: any PhotoCollection) {
    let table = Table(features: encoded.features, names: encoded.places.map { collection.name(at: $0) })
    if collection.kind == .photos { images = table } else { clips = table }
  }
}
