internal import Evaluation
internal import Foundation
internal import Models
internal import Reporting
internal import TensorEngine
internal import Tokenization

/// Answers of a decoder to new questions: the best of three beams, or the likeliest of a list. Where quickness counts more, as while a model
/// is trained, the likeliest token each time, or the best of fewer.
struct AnswerWritingPredictor: WritingPredictor {
  /// How a row of numbers is made, and what it stands for.
  private enum Form {
    /// A text's.
    case writing(DecodingSettings)
    /// The places of the likeliest in the list, and Σ ln p of each.
    case ranking(TextRanking)
  }

  private let names: [String]
  private let tokenizer: any Tokenizer
  private let contextLength: Int
  private var form: Form
  private(set) var clock = WritingClock()

  /// An answer as it is told.
  struct Told {
    let words: String
    let logProbability: Double
    /// Of those of a list.
    var number: Int?
    /// Of those that are written.
    var tokens: Int?
    var isCut = false
  }

  /// Most tokens of an answer that is written, those that open and close it counted.
  private static let longest = 10
  private static func shortlist(isThorough: Bool) -> Int { isThorough ? 128 : 16 }

  init(_ head: AnswerWritingHead, _ tokenizer: any Tokenizer, isThorough: Bool = true) {
    (names, self.tokenizer) = (head.task.answers.names, tokenizer)
    contextLength = head.decoder.contextLength
    if head.task.form == .ranked {
      let texts = names.map { tokenizer.encode($0, limit: head.decoder.contextLength) }
      form = .ranking(TextRanking(head.decoder, among: texts, shortlist: Self.shortlist(isThorough: isThorough)))
    } else {
      var settings = DecodingSettings(
        isThorough ? .beams(3) : .greedy, maximumLength: min(Self.longest, head.decoder.contextLength))
      // The likeliest answer, and not that with the likeliest tokens: a long one is no better for being long.
      settings.lengthReward = 0
      form = .writing(settings)
    }
  }

  var writes: Bool { if case .writing = form { true } else { false } }
  var isKept: Bool { false }

  func writing(_ request: WritingRequest) throws -> any WritingPredictor { try asked(request) }

  /// - Throws: `WritingError`.
  func asked(_ request: WritingRequest) throws -> AnswerWritingPredictor {
    guard request.isAsked else { return self }
    guard case .writing(let usual) = form else {
      throw WritingError.flawed("answers of a list are ranked and not written; leave the options on writing out")
    }
    guard request.prompt == nil else {
      throw WritingError.flawed("an answer begins with nothing; leave the prompt out")
    }
    let settings = request.settings(usual)
    if let flaw = request.flaw ?? settings.flaw(contextLength: contextLength) { throw WritingError.flawed(flaw) }
    var other = self
    (other.form, other.clock) = (.writing(settings), WritingClock())
    return other
  }

  private func rows(_ settings: DecodingSettings) -> TextRows {
    TextRows(tokenizer: tokenizer, maximumLength: settings.maximumLength)
  }

  var inputs: [Modality] { [.image, .text] }
  var tokens: EncodedTokens { .all }
  var textName: String { "question" }
  var width: Int {
    switch form {
    case .writing(let settings): rows(settings).width
    case .ranking(let ranking): 2 * ranking.count
    }
  }

  func numbers(
    _ model: any Model, images: Encoding?, texts: Encoding?, _ samples: [PooledReader.Sample], _ tape: Tape
  ) -> Tensor {
    guard let model = model as? any AnswerGenerator, let images, let texts else {
      preconditionFailure("answers are asked of a model that writes none, or to no questions about images")
    }
    let context = model.context(
      images, texts.selecting(samples.compactMap(\.text), tape), imageOfQuestion: samples.compactMap(\.image), tape)
    let rows: [[Float]] =
      switch form {
      case .writing(let settings):
        clock.measure { TextWriter(model.decoder, settings).write(context, names: samples.map(\.name), tape) }
          .map(rows(settings).row)
      case .ranking(let ranking):
        clock.measure { ranking.rank(context, tape) }.map {
          $0.flatMap { [Float($0.place), Float($0.logProbability)] }
        }
      }
    return tape.engine.tensor(rows.flatMap(\.self), shape: [rows.count, width])
  }

  /// What a row stands for, the likeliest first; one that is written stands alone.
  func told(_ row: ArraySlice<Float>) -> [Told] {
    switch form {
    case .writing(let settings):
      let text = rows(settings).text(row)
      return [
        Told(words: text.words, logProbability: text.logProbability, tokens: text.tokens, isCut: text.isCut)
      ]
    case .ranking(let ranking):
      return (0..<ranking.count).map { rank in
        let place = row.startIndex + 2 * rank
        let number = Int(row[place])
        return Told(words: names[number], logProbability: Double(row[place + 1]), number: number)
      }
    }
  }

  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction {
    let told = told(numbers).prefix(top)
    var prediction = TaskPrediction(
      members: [("answers", .list(told.map(\.json)))],
      lines: told.map { choiceLine($0.probability, $0.shown) + ($0.isCut ? "  (cut)" : "") })
    if let text = told.first?.text {
      prediction.written = text
    } else {
      prediction.bars = [told.map { ($0.words, $0.probability) }]
    }
    return prediction
  }

  // MARK: In words

  /// How answers are told.
  var way: String {
    switch form {
    case .writing(let settings): return settings.way(prompt: nil)
    case .ranking(let ranking):
      return ranking.isExact
        ? "the likeliest of all \(names.count) answers of the list"
        : "the likeliest of those \(ranking.count) of \(names.count) answers whose first token is likeliest"
    }
  }

  /// - Parameter count: answers of the list.
  static func sentence(ofRanking count: Int) -> String {
    let (most, quick) = (shortlist(isThorough: true), shortlist(isThorough: false))
    return "answers are ranked by the likelihood of all their tokens: "
      + (count <= most ? "all \(count) of them" : "the \(most) whose first token is likeliest")
      + (count > quick ? ", and while it is trained the \(quick) whose first token is" : "")
  }
}

extension AnswerWritingPredictor.Told {
  /// Of the whole answer.
  var probability: Double { exp(logProbability) }

  /// What was written; nil of an answer of a list.
  fileprivate var text: ToldText? {
    tokens.map { ToldText(words: words, logProbability: logProbability, tokens: $0, isCut: isCut) }
  }

  /// For a person.
  fileprivate var shown: String { words.isEmpty ? "(no words)" : words }

  fileprivate var json: OrderedJSON {
    .object(
      [("answer", .text(words))] + (number.map { [("number", .integer($0))] } ?? [])
        + [("probability", .float(Float(probability))), ("log_probability", .float(Float(logProbability)))]
        + (tokens.map { [("tokens", .integer($0)), ("is_cut", .flag(isCut))] } ?? []))
  }
}
