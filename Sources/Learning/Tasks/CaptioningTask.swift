public import Batching
public import Evaluation
internal import Foundation
public import Layers
public import Models
public import Objectives
public import Reporting
public import Tokenization

/// Descriptions of images, which a model's decoder writes token by token.
public struct CaptioningTask: Task {
  public static let name = "captioning"
  public static let summary =
    "Descriptions of images, token by token; measured by how well people's are foretold, and by what is written."
  public static let keys = ["task.smoothing", "task.prompt"]

  public func pipelineTag(on model: any ModelDescription) -> String? { "image-to-text" }

  /// The share of a target that goes to all tokens alike.
  let smoothing: Double
  /// What all captions begin with: it is given, and neither learnt nor told.
  let prompt: String?
  /// Its tokens, where captions are learnt.
  private(set) var promptTokens: [Int32] = []

  private enum CodingKeys: CodingKey { case smoothing, prompt }

  public init(_ settings: TaskSettings) { (smoothing, prompt) = (settings.smoothing, settings.prompt) }

  /// What a model with a decoder for images alone was published for.
  public static func published(_ description: any ModelDescription, answersFile: String?) throws -> CaptioningTask? {
    guard answersFile == nil, let model = description.make(ParameterBuilder()) as? any TextGenerator,
      !model.readsQuestions
    else { return nil }
    return CaptioningTask(TaskSettings(name: name))
  }

  public func fitted(to tokenizer: any Tokenizer, on model: any ModelDescription) throws -> CaptioningTask {
    guard let prompt else { return self }
    var fitted = self
    fitted.promptTokens = promptTokens(tokenizer)
    guard !fitted.promptTokens.isEmpty else { throw TaskError.emptyPrompt }
    guard fitted.promptTokens.count + 3 <= model.texts.contextLength else {
      throw TaskError.longPrompt(
        words: prompt, tokens: fitted.promptTokens.count, contextLength: model.texts.contextLength)
    }
    return fitted
  }

  func promptTokens(_ tokenizer: any Tokenizer) -> [Int32] {
    prompt.map { tokenizer.encodeBody($0, limit: .max) } ?? []
  }

  public var columns: ColumnSet { [.image, .captions] }
  public var columnsOfEachSample: ColumnSet { [.captions] }
  public var objectives: [any Objective.Type] { [CaptioningObjective.self] }

  public func check(_ dataSet: PreparedDataSet, split: String) throws { try dataSet.require(columns, split: split) }

  public func makeHead(on model: any Model, _ builder: ParameterBuilder) throws -> (any TaskHead)? {
    guard let model = model as? any TextGenerator, !model.readsQuestions else {
      throw TaskError.noDecoder(model: model.description.name)
    }
    return CaptioningHead(self, model.decoder)
  }

  public func measure(
    _ subject: MeasuredModel, on dataSet: PreparedDataSet, split: String, progress: (_ done: Int, _ total: Int) -> Void
  ) throws -> CaptioningReport {
    guard let model = subject.model as? any TextGenerator else {
      throw TaskError.noDecoder(model: subject.model.description.name)
    }
    try check(dataSet, split: split)
    return try CaptioningMeasurement(subject: subject, model: model, dataSet: dataSet, split: split)(progress)
  }

  public func predictor(_ head: (any TaskHead)?, _ tokenizer: any Tokenizer) -> (any TaskPredictor)? {
    (head as? CaptioningHead).map { CaptioningPredictor($0, tokenizer) }
  }
}

/// What a task knows of the model's decoder: it puts no layers on it.
final class CaptioningHead: TaskHead {
  let task: CaptioningTask
  let decoder: TextDecoder

  init(_ task: CaptioningTask, _ decoder: TextDecoder) { (self.task, self.decoder) = (task, decoder) }
}

/// How well the captions of a split are foretold.
public struct CaptioningReport: TaskReport {
  /// Over all tokens of all captions, the closing ones among them, each told from those before it and the image.
  public let tokens: MaskedTextMetrics
  /// Those that the model writes beside people's; nil where that was not asked.
  public var written: CaptionMetrics?
  /// How they were written.
  public var way: String?
  public var samples: [WrittenSample] = []
  /// For a page, where somebody asked.
  public var exhibits: [Exhibit] = []
  /// What writing has taken the slowest rank.
  var secondsOfWriting = 0.0

  /// How many texts and tokens these are, and how many texts the model had not ended by itself.
  private var counts: WrittenCounts { WrittenCounts(samples.map(\.text)) }
  public var cut: Int { counts.cut }
  public var writtenTokens: Int { counts.tokens }

  private enum Key: String, CodingKey {
    case accuracy, perplexity, written, way, cut
    case writtenTokens = "written_tokens"
  }

  public func encode(to encoder: any Encoder) throws {
    try tokens.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    guard let written else { return }
    try container.encode(written, forKey: .written)
    try container.encodeIfPresent(way, forKey: .way)
    try container.encode(cut, forKey: .cut)
    try container.encode(writtenTokens, forKey: .writtenTokens)
  }

  public var members: [(String, OrderedJSON)] {
    [("accuracy", .number(tokens.accuracy)), ("perplexity", .number(tokens.perplexity))]
  }

  public var summary: [(name: String, value: String)] {
    [("perplexity", brief(tokens.perplexity)), ("next token right", brief(tokens.accuracy) + " %")]
  }

  private var wayLines: [String] {
    guard written != nil, let way else { return [] }
    return ["written: \(way); \(cut) of \(samples.count) captions were cut there"]
  }

  public var speed: [String] {
    samples.isEmpty ? [] : [wordsOfSpeed(counts, seconds: secondsOfWriting)]
  }

  public var score: Double { -log(tokens.perplexity) }

  public var table: String {
    let rows = [
      ["perplexity of a token", figure(tokens.perplexity, 3, "", tokens.intervals, Key.perplexity)],
      ["likeliest token right", figure(tokens.accuracy, 2, " %", tokens.intervals, Key.accuracy)],
    ]
    let note = tokens.intervals == nil ? [] : ["in brackets: 95 % intervals over photos (docs/evaluation.md)"]
    return (aligned(rows) + ["\(tokens.tokens) tokens"] + (written.map { [""] + $0.lines } ?? []) + wayLines + note)
      .joined(separator: "\n") + "\n"
  }
}
