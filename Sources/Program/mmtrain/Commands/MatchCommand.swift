internal import ArgumentParser
internal import Batching
internal import Collectives
internal import Files
internal import Foundation
internal import Inference
internal import Logging
internal import Reporting
internal import TensorEngine

/// `mmtrain match`: how well photos and texts fit each other.
struct MatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "match",
    abstract: "Say how well photos and texts fit each other.",
    discussion: """
      mmtrain match --model M --image a.jpg b.jpg --text "a photo of a cat" "a photo of a dog"
      mmtrain match --model M --image photos/ --text "two dogs on a beach"
      ls -1 captions | mmtrain match --model M --image a.jpg --texts - --json

      The probabilities of a photo's texts add up to one. With one text and several photos those of the photos do: the
      question is then which of them the text describes. A model that learnt pair by pair (SigLIP's loss, or a matching
      head without features beside it) says of each pair by itself how likely it is. --over asks for one or the other.
      """)

  @Option(help: .model) var model: String

  @Option(
    name: [.customLong("image"), .customLong("images")], parsing: .upToNextOption,
    help: ArgumentHelp("JPEG, PNG or WebP files, and folders of them.", valueName: "file"))
  var images: [String] = []

  @Option(
    name: .customLong("text"), parsing: .upToNextOption, help: ArgumentHelp("Texts.", valueName: "text"))
  var literalTexts: [String] = []

  @Option(
    name: .customLong("texts"), help: ArgumentHelp("A file with a text a line; - is standard input.", valueName: "file")
  )
  var textFile: String?

  @Option(help: ArgumentHelp("What the probabilities are over: texts, images or pairs.", valueName: "what"))
  var over: String?

  @OptionGroup var photoOptions: PhotoOptions

  @OptionGroup var compute: ComputeOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    if images.isEmpty { throw ValidationError("give photos with --image") }
    if literalTexts.isEmpty, textFile == nil { throw ValidationError("give texts with --text or --texts") }
    if let over, MatchScores.Choice(rawValue: over) == nil {
      throw ValidationError("--over is one of texts, images, pairs")
    }
  }

  func run() throws {
    let photos = try PhotoFiles(at: images)
    let texts = try literalTexts + (textFile.map { try readTextFile($0, blankLines: .passedOver) } ?? [])
    _ = try withRanks { communicator in
      let threads = compute.rankThreads()
      let loaded = try compute.load(model, communicator, threads: threads)
      let matched = try loaded.match(
        photos, texts, over: over.flatMap { MatchScores.Choice(rawValue: $0) },
        photoOptions.encoding(threads: threads), communicator)
      guard communicator.rank == 0 else { return .success }
      report(matched.problems, shortened: matched.shortened, cutTexts: matched.cutTexts, loaded, photos)
      let report = MatchReport(
        scores: matched.scores, images: matched.places.map { photos.name(at: $0) }, texts: texts,
        skipped: matched.problems, model: model, precision: loaded.precision.rawValue,
        logitFactor: loaded.logitFactor, logitBias: loaded.logitBias)
      try printResult(json ? report.document : report.table)
      return .success
    }
  }
}

/// The texts of a file or, for `-`, of standard input.
func readTextFile(_ path: String, blankLines: BlankLines) throws -> [String] {
  if path == "-", let launch = detectLaunch(ProcessInfo.processInfo.environment), launch.ranks > 1 {
    throw ValidationError("standard input reaches one rank of \(launch.ranks) only; give the texts in a file")
  }
  guard path == "-" else { return try readTexts(path, blankLines: blankLines) }
  return try texts(readStandardInput(limit: 1 << 30), path: "standard input", blankLines: blankLines)
}

/// Says on standard error what was left out or cut.
/// - Parameters:
///   - count: problems, where not all of them are given.
///   - shortened: names of those of which the beginning alone counts, and how many they are where not all are given.
///   - photos: all that were given.
///   - kind: what they are, where these are not all at hand.
func report(
  _ problems: [PhotoProblem], of count: Int? = nil, shortened: [String], _ shortenedCount: Int? = nil, cutTexts: Int,
  _ model: LoadedModel, _ photos: (any PhotoCollection)?, kind: MediaKind? = nil
) {
  let kind = kind ?? photos?.kind ?? .photos
  let (count, shortenedCount) = (count ?? problems.count, shortenedCount ?? shortened.count)
  let logger = makeLogger(rank: nil)
  if let remark = photos.flatMap(model.remark) { logger.warning("\(remark)") }
  for problem in problems.prefix(10) { logger.warning("left out: \(printable(problem.name)): \(problem.reason)") }
  if count > 10 { logger.warning("left out: \(count - 10) more \(kind.word)s") }
  if let first = shortened.first {
    logger.warning("\(shortenedCount) \(model.wordsOfShortened(kind)) (first: \(printable(first)))")
  }
  if cutTexts > 0 {
    logger.warning("\(cutTexts) text(s) longer than the model's \(model.contextLength) tokens were cut")
  }
}
