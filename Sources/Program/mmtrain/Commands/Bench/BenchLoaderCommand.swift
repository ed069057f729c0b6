internal import ArgumentParser
internal import Batching
internal import Benchmarks
internal import Reporting

/// `mmtrain bench loader`: stored photos and clips to normalised floats, on one core.
struct BenchLoaderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loader", abstract: "Time the way from stored photos and clips to a model's input, on one core.",
    discussion: "mmtrain bench loader --data prepared/flickr8k --image-size 224")

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("The split.", valueName: "name"))
  var split = "train"

  @Option(name: .customLong("image-size"), help: ArgumentHelp("Pixels of a side.", valueName: "n"))
  var imageSize = 224

  @Option(help: ArgumentHelp("Most samples to measure on.", valueName: "n"))
  var photos = 500

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...16_384).contains(imageSize) else { throw ValidationError("--image-size must be from 1 to 16384") }
    guard (1...100_000).contains(photos) else { throw ValidationError("--photos must be from 1 to 100000") }
  }

  func run() throws {
    let dataSet = try PreparedDataSet(path: data)
    let photos = try measureLoader(dataSet, split: split, imageSize: imageSize, limit: photos)
    let clips = try ClipLoadingMeasurement(dataSet, split: split, limit: self.photos)
    guard photos != nil || clips != nil else {
      let found = dataSet.manifest.splits.first { $0.name == split }
      throw BatchingError.missingColumn(
        path: data, split: split, column: .image, have: 0, of: found?.samples ?? 0,
        available: found?.columnCounts.map(\.column) ?? [])
    }
    let facts = BenchFacts()
    if json {
      let measured = (photos.map { members($0) } ?? []) + (clips.map { members($0) } ?? [])
      try printResult(OrderedJSON.object(facts.members + measured).document)
    } else {
      try printResult(facts.line + (photos.map { text($0) } ?? "") + (clips.map { text($0) } ?? ""))
    }
  }

  // MARK: Photos

  private func figures(_ measured: LoaderMeasurement) -> [(String, String, Double)] {
    [
      ("decode", "decodes_per_second", measured.decodesPerSecond),
      ("resize and normalise", "preparations_per_second", measured.preparationsPerSecond),
      ("both, evaluation", "images_per_second", measured.imagesPerSecond),
      ("both, training", "training_images_per_second", measured.trainingImagesPerSecond),
      ("both, training, exact", "exact_training_images_per_second", measured.exactTrainingImagesPerSecond),
    ]
  }

  private func members(_ measured: LoaderMeasurement) -> [(String, OrderedJSON)] {
    [
      ("photos", .integer(measured.photos)), ("image_size", .integer(imageSize)),
      ("mean_width", .number(measured.meanWidth)), ("mean_height", .number(measured.meanHeight)),
    ] + figures(measured).map { ($0.1, .number($0.2)) }
  }

  private func text(_ measured: LoaderMeasurement) -> String {
    "\(measured.photos) photos of \(decimals(measured.meanWidth, 0))×\(decimals(measured.meanHeight, 0)) (mean) "
      + "to \(imageSize)×\(imageSize), a core\n" + lines(figures(measured))
  }

  // MARK: Clips

  private func figures(_ measured: ClipLoadingMeasurement) -> [(String, String, Double)] {
    [
      ("decode", "clip_decodes_per_second", measured.decodesPerSecond),
      ("to bands, evaluation", "clips_per_second", measured.clipsPerSecond),
      ("to bands, training", "training_clips_per_second", measured.trainingClipsPerSecond),
    ]
  }

  private func members(_ measured: ClipLoadingMeasurement) -> [(String, OrderedJSON)] {
    [("clips", .integer(measured.clips)), ("mean_seconds", .number(measured.meanSeconds))]
      + figures(measured).map { ($0.1, .number($0.2)) }
  }

  private func text(_ measured: ClipLoadingMeasurement) -> String {
    "\(measured.clips) clips of \(decimals(measured.meanSeconds, 2)) s (mean) to 128 bands, a core\n"
      + lines(figures(measured))
  }

  private func lines(_ figures: [(String, String, Double)]) -> String {
    figures.map { column($0.0, 24, left: true) + column(decimals($0.2, 0), 7) + " a second\n" }.joined()
  }
}
