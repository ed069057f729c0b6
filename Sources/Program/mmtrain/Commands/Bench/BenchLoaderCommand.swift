internal import ArgumentParser
internal import Batching
internal import Benchmarks
internal import Reporting

/// `mmtrain bench loader`: stored photos to normalised floats, on one core.
struct BenchLoaderCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "loader", abstract: "Time the way from stored photos to a model's input, on one core.",
    discussion: "mmtrain bench loader --data prepared/flickr8k --image-size 224")

  @Option(help: ArgumentHelp("A prepared data set.", valueName: "dir"))
  var data: String

  @Option(help: ArgumentHelp("The split.", valueName: "name"))
  var split = "train"

  @Option(name: .customLong("image-size"), help: ArgumentHelp("Pixels of a side.", valueName: "n"))
  var imageSize = 224

  @Option(help: ArgumentHelp("Most photos to measure on.", valueName: "n"))
  var photos = 500

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...16_384).contains(imageSize) else { throw ValidationError("--image-size must be from 1 to 16384") }
    guard (1...100_000).contains(photos) else { throw ValidationError("--photos must be from 1 to 100000") }
  }

  func run() throws {
    let measured = try measureLoader(
      PreparedDataSet(path: data), split: split, imageSize: imageSize, limit: photos)
    let facts = BenchFacts()
    let figures = [
      ("decode", "decodes_per_second", measured.decodesPerSecond),
      ("resize and normalise", "preparations_per_second", measured.preparationsPerSecond),
      ("both, evaluation", "images_per_second", measured.imagesPerSecond),
      ("both, training", "training_images_per_second", measured.trainingImagesPerSecond),
      ("both, training, exact", "exact_training_images_per_second", measured.exactTrainingImagesPerSecond),
    ]
    if json {
      try printResult(
        OrderedJSON.object(
          facts.members + [
            ("photos", .integer(measured.photos)), ("image_size", .integer(imageSize)),
            ("mean_width", .number(measured.meanWidth)), ("mean_height", .number(measured.meanHeight)),
          ]
            + figures.map { ($0.1, .number($0.2)) }
        ).document)
    } else {
      try printResult(
        facts.line
          + "\(measured.photos) photos of \(decimals(measured.meanWidth, 0))×\(decimals(measured.meanHeight, 0)) (mean) "
          + "to \(imageSize)×\(imageSize), a core\n"
          + figures.map { column($0.0, 24, left: true) + column(decimals($0.2, 0), 7) + " a second\n" }.joined())
    }
  }
}
