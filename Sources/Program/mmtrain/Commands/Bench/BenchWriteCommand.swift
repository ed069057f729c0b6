internal import ArgumentParser
internal import Inference
internal import Models
internal import Reporting
internal import TensorEngine
internal import Training

/// `mmtrain bench write`: captions and tokens a second.
struct BenchWriteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "write",
    abstract: "Time the writing of captions, without decoding photos.",
    discussion: """
      mmtrain bench write --set model.name=blip --preset base --batch 8 --beams 3 --tokens 20 --threads 2
      mmtrain bench write --model M --batch 1 --beams 1 --json

      Pixels are random, and so are the weights where only a preset is given. Every text has as many tokens as --tokens says,
      the opening and the closing one counted: what closes a text is forbidden before. Medians after one run for warmth.
      """)

  @Option(help: .model) var model: String?

  @Option(help: ArgumentHelp("Sizes without a model: tiny or base.", valueName: "name"))
  var preset = "base"

  @Option(help: ArgumentHelp("Photos at once.", valueName: "n"))
  var batch = 8

  @Option(
    help: ArgumentHelp("Texts side by side, of which the best counts; 1 takes the likeliest token.", valueName: "n"))
  var beams = 3

  @Option(help: ArgumentHelp("Tokens of each text.", valueName: "n"))
  var tokens = 20

  @Option(help: ArgumentHelp("Runs that are counted.", valueName: "n"))
  var repetitions = 5

  @Option(
    name: .customLong("set"),
    help: ArgumentHelp("Without --model: set a configuration key; may be repeated.", valueName: "key=value"))
  var settings: [String] = []

  @OptionGroup var compute: ComputeOptions

  @Flag(help: "Print one JSON document.")
  var json = false

  func validate() throws {
    guard (1...4096).contains(batch) else { throw ValidationError("--batch must be from 1 to 4096") }
    guard model == nil || settings.isEmpty else { throw ValidationError("--set goes with --preset, not with --model") }
    guard (1...1000).contains(repetitions) else { throw ValidationError("--repetitions must be from 1 to 1000") }
  }

  func run() throws {
    let (subject, name, threads) = (try subject(), model ?? preset, compute.rankThreads())
    let precision = compute.precision(isRoot: true)
    let measured = try WritingMeasurement(
      subject, try decoding(subject.description), precision: precision, threads: threads, batch: batch,
      repetitions: repetitions)
    let facts = BenchFacts(threads: threads, precision: precision.rawValue)
    try printResult(json ? document(measured, name, facts) : facts.line + line(measured, name))
  }

  private func subject() throws -> EncodingMeasurement.Subject {
    try .init(model, else: ["model.preset=\(preset)"] + settings)
  }

  private func decoding(_ description: any ModelDescription) throws -> DecodingSettings {
    var settings = DecodingSettings(beams == 1 ? .greedy : .beams(beams), maximumLength: tokens)
    settings.minimumLength = tokens
    if let flaw = settings.flaw(contextLength: description.texts.contextLength) { throw ValidationError(flaw) }
    return settings
  }

  private func document(_ measured: WritingMeasurement, _ name: String, _ facts: BenchFacts) -> String {
    OrderedJSON.object(
      facts.members + [
        ("model", .text(name)), ("batch", .integer(batch)), ("beams", .integer(beams)), ("tokens", .integer(tokens)),
        ("written_tokens", .integer(measured.tokens)),
        ("seconds", .number(measured.seconds)), ("image_seconds", .number(measured.imageSeconds)),
        ("texts_per_second", .number(measured.textsPerSecond)),
        ("tokens_per_second", .number(measured.tokensPerSecond)), ("peak_memory_mb", .number(peakMegabytes)),
      ]
    ).document
  }

  private var peakMegabytes: Double { Double(memoryUsage().peakBytes >> 10) / 1024 }

  private func line(_ measured: WritingMeasurement, _ name: String) -> String {
    "\(printable(name)): \(decimals(measured.textsPerSecond, 2)) captions of \(tokens) tokens a second, \(batch) photos at once, "
      + "\(beams == 1 ? "the likeliest token" : "\(beams) beams"); \(decimals(measured.tokensPerSecond, 1)) tokens a second while "
      + "writing, \(decimals(1000 * measured.imageSeconds, 0)) ms of a batch's \(decimals(1000 * measured.seconds, 0)) ms for "
      + "its photos; \(decimals(peakMegabytes, 0)) MB at most\n"
  }
}
