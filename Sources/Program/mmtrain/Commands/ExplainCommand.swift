internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Files
internal import FoundationEssentials
internal import Inference
internal import Launching
internal import Models
internal import Preparation
internal import Reporting
internal import Reports

/// `mmtrain explain`: where a model's score of a photo and a text comes from.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Show where in a photo and in a text a model's score comes from.",
    discussion: """
      mmtrain explain --model M --image dogs.jpg --text "two dogs on a beach" --output dogs.html
      mmtrain explain --model M --image dogs.jpg --text "two dogs on a beach" --json --method rollout
      mmtrain explain --model UNITER --image dogs.jpg --regions dogs.npz --text "two dogs on a beach" --output dogs.html

      The page shows the photo under a map of the whole text and of each word, a bar on each word, and how the score falls
      while the most relevant parts are taken away, beside random orders: a map that knows makes it fall sooner. The score
      is the matching head's, or the cosine of the features of a model without one. docs/explain.md says how it is made.
      """)

  @Option(help: .model) var model: String

  @Option(help: ArgumentHelp("A JPEG, PNG or WebP file.", valueName: "file"))
  var image: String

  @Option(help: ArgumentHelp("What the photo may show.", valueName: "text"))
  var text: String

  @Option(
    help: ArgumentHelp(
      "The photo's regions, for a model that reads these: an .npz, or a folder, a table or a prepared set that has them.",
      valueName: "path"))
  var regions: String?

  @Option(help: ArgumentHelp("Write a page that shows it.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "relevance (attention and its gradient) or rollout (attention alone).", valueName: "method"))
  var method = ExplanationMethod.relevance.rawValue

  @Option(help: ArgumentHelp("Random orders beside the map's.", valueName: "n"))
  var draws = ExplanationSettings().draws

  @Option(help: ArgumentHelp("Threads; by default all cores.", valueName: "n"))
  var threads: Int?

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard ExplanationMethod(rawValue: method) != nil else {
      let names = ExplanationMethod.allCases.map(\.rawValue).joined(separator: ", ")
      throw ValidationError("--method is one of \(names)")
    }
    if !(1...1000).contains(draws) { throw ValidationError("--draws must be from 1 to 1000") }
    if let threads, !(1...4096).contains(threads) { throw ValidationError("--threads must be from 1 to 4096") }
  }

  func run() throws {
    let photo = try PhotoFiles(at: [image])
    guard photo.paths == [image] else {
      throw ValidationError("--image is one file, and \(printable(image)) is a folder")
    }
    _ = try withRanks { communicator in
      let path = try modelPath(model, communicator)
      // One pair is the work of one rank.
      guard communicator.rank == 0 else { return .success }
      if let output { try requireWritableFile(output) }
      let loaded = try LoadedModel(
        path: path, threads: rankThreads(requested: threads, detectLaunch(ProcessInfo.processInfo.environment)),
        spins: communicator.size == 1)
      let explanation = try loaded.explain(
        photo, text, settings,
        regions: regions.map { [image] path in
          { try RegionReading(of: image, in: path, width: $0, height: $1).features }
        })
      if let output {
        let page = try ExplanationPage(explanation, model: model, image: image, text: text)
        try writeAtomically(page.html.utf8, to: output)
      }
      let report = ExplainReport(explanation)
      try printResult(
        json ? explanation.document(model: model, image: image, text: text).document : report.text)
      return .success
    }
  }

  private var settings: ExplanationSettings {
    var settings = ExplanationSettings()
    settings.method = ExplanationMethod(rawValue: method) ?? settings.method
    settings.draws = draws
    return settings
  }
}
