internal import ArgumentParser
internal import Configuration
internal import Inference
internal import Models
internal import Pretrained
internal import Reporting
internal import TensorEngine
internal import Training

/// `mmtrain bench embed`: photos and texts a second through the towers.
struct BenchEmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Time the encoding of photos and texts, without decoding.",
    discussion: """
      mmtrain bench embed --preset vit-b-32 --batch 32 --precision bf16 --threads 2
      mmtrain bench embed --model M --batch 1 --texts 1000 --tokens 15 --json
      mmtrain bench embed --preset small --set model.name=dual-encoder --set model.vision.encoder=resnet50

      Pixels and ids are random, and so are the weights where only a preset is given. Medians after one run for warmth.
      """)

  @Option(help: .model) var model: String?

  @Option(
    help: ArgumentHelp("Sizes without a model: tiny, small, vit-b-32, vit-b-16, vit-l-14 or base.", valueName: "name"))
  var preset = "vit-b-32"

  @Option(help: ArgumentHelp("Photos at once.", valueName: "n"))
  var batch = 32

  @Option(help: ArgumentHelp("Texts in all.", valueName: "n"))
  var texts = 1000

  @Option(help: ArgumentHelp("Tokens of the texts, in turn, start and end among them.", valueName: "n,n,…"))
  var tokens = "15"

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
    guard (1...1_000_000).contains(texts) else { throw ValidationError("--texts must be from 1 to 1000000") }
    guard model == nil || settings.isEmpty else { throw ValidationError("--set goes with --preset, not with --model") }
    _ = try wholeNumbers(tokens, of: "--tokens")
    guard (1...1000).contains(repetitions) else { throw ValidationError("--repetitions must be from 1 to 1000") }
  }

  func run() throws {
    let subject = try subject()
    let name = model ?? preset
    let threads = compute.rankThreads()
    let precision = compute.precision(isRoot: true)
    let measured = try EncodingMeasurement(
      subject, precision: precision, threads: threads, batch: batch, texts: texts,
      lengths: try wholeNumbers(tokens, of: "--tokens"), repetitions: repetitions)
    let facts = BenchFacts(threads: threads, precision: precision.rawValue)
    if json {
      try printResult(
        OrderedJSON.object(
          facts.members + [
            ("model", .text(name)), ("batch", .integer(batch)), ("image_seconds", .number(measured.imageSeconds)),
            ("images_per_second", .number(measured.imagesPerSecond)), ("texts", .integer(texts)),
            ("tokens", .integer(measured.tokens)), ("text_seconds", .number(measured.textSeconds)),
            ("texts_per_second", .number(measured.textsPerSecond)),
          ]
        ).document)
    } else {
      try printResult(
        facts.line
          + "\(printable(name)): \(decimals(measured.imagesPerSecond, 1)) photos a second, \(batch) at once "
          + "(\(decimals(1000 * measured.imageSeconds, 1)) ms)\n"
          + "\(printable(name)): \(decimals(measured.textsPerSecond, 1)) texts a second, \(texts) of "
          + "\(decimals(Double(measured.tokens) / Double(texts), 1)) tokens\n"
      )
    }
  }

  private func subject() throws -> EncodingMeasurement.Subject {
    let subject = try EncodingMeasurement.Subject(
      model, else: ["model.name=\(ModelCatalogue.benchmarked)", "model.preset=\(preset)"] + settings)
    let context = subject.description.texts.contextLength
    guard try wholeNumbers(tokens, of: "--tokens").allSatisfy({ $0 <= context }) else {
      throw ValidationError("--tokens: the model reads \(context) at most")
    }
    return subject
  }
}

extension EncodingMeasurement.Subject {
  /// A model that is named, or else one of drawn weights.
  /// - Parameter settings: of the configuration that says its sizes.
  init(_ model: String?, else settings: [String]) throws {
    if let model {
      self = .directory(try ModelDirectory(path: modelPath(model)))
    } else {
      let configuration = try RunConfiguration(file: nil, settings: settings.map { ConfigurationSetting($0) })
      self = .random(try configuration.benchmarkModel())
    }
  }
}

/// Token counts of texts that follow each other in turn, as an option states them.
func wholeNumbers(_ stated: String, of option: String) throws -> [Int] {
  let parts = stated.split(separator: ",", omittingEmptySubsequences: false)
  let lengths = parts.compactMap { Int($0) }
  guard lengths.count == parts.count, lengths.allSatisfy({ (2...100_000).contains($0) }) else {
    throw ValidationError("\(option): give whole numbers of at least 2, with commas between them")
  }
  return lengths
}
