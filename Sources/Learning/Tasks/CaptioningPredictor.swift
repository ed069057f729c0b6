internal import Evaluation
internal import Models
internal import Reporting
internal import TensorEngine
internal import Tokenization

/// Captions of new images, the best of three beams where nobody asks for others.
struct CaptioningPredictor: WritingPredictor {
  private let decoder: TextDecoder
  private let tokenizer: any Tokenizer
  private let settings: DecodingSettings
  /// What captions begin with, and its tokens; those of the task's own are no part of what is told.
  private var prompt: (words: String?, tokens: [Int32])
  private var untold: Int
  let clock: WritingClock

  init(_ head: CaptioningHead, _ tokenizer: any Tokenizer) {
    (decoder, self.tokenizer, clock) = (head.decoder, tokenizer, WritingClock())
    prompt = (head.task.prompt, head.task.promptTokens(tokenizer))
    untold = prompt.tokens.count
    settings = DecodingSettings(.beams(3), maximumLength: min(20 + untold, head.decoder.contextLength))
  }

  private init(_ other: CaptioningPredictor, _ settings: DecodingSettings) {
    (decoder, tokenizer, clock) = (other.decoder, other.tokenizer, WritingClock())
    (prompt, untold) = (other.prompt, other.untold)
    self.settings = settings
  }

  func writing(_ request: WritingRequest) throws -> any WritingPredictor { try asked(request) }

  /// - Throws: `WritingError`.
  func asked(_ request: WritingRequest) throws -> CaptioningPredictor {
    var other = CaptioningPredictor(self, request.settings(settings))
    if let words = request.prompt {
      (other.prompt, other.untold) = ((words, tokenizer.encodeBody(words, limit: .max)), 0)
      if other.prompt.tokens.isEmpty { throw WritingError.noWords(prompt: words) }
    }
    if let flaw = request.flaw
      ?? other.settings.flaw(contextLength: decoder.contextLength, prompt: 1 + other.prompt.tokens.count)
    {
      throw WritingError.flawed(flaw)
    }
    return other
  }

  var inputs: [Modality] { [.image] }
  var tokens: EncodedTokens { .all }
  private var rows: TextRows {
    TextRows(tokenizer: tokenizer, maximumLength: settings.maximumLength, untold: untold)
  }
  var width: Int { rows.width }
  var way: String { settings.way(prompt: prompt.words) }

  func numbers(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    guard let model = model as? any TextGenerator, let images else {
      preconditionFailure("captions are asked of a model that writes none, or of no images")
    }
    let seen = images.selecting(samples.compactMap(\.image), tape)
    let written = clock.measure {
      TextWriter(model.decoder, settings).write(
        model.context(seen, nil, tape), prompts: samples.map { _ in prompt.tokens }, names: samples.map(\.name), tape)
    }
    return tape.engine.tensor(written.flatMap(rows.row), shape: [written.count, width])
  }

  /// The caption that a row of numbers stands for.
  func text(_ row: ArraySlice<Float>) -> ToldText { rows.text(row) }

  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction {
    TaskPrediction(text(numbers), named: "caption")
  }
}

extension TaskPrediction {
  /// A text that was written.
  /// - Parameter name: what it is called for programs.
  init(_ text: ToldText, named name: String) {
    self.init(
      members: [
        (name, .text(text.words)), ("log_probability", .float(Float(text.logProbability))),
        ("tokens", .integer(text.tokens)), ("is_cut", .flag(text.isCut)),
      ],
      lines: [
        "\(printable(text.words))  (\(decimals(text.meanLogProbability, 2)) a token\(text.isCut ? ", cut" : ""))"
      ])
    written = text
  }
}
