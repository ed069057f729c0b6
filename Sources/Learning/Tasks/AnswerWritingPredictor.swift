internal import Foundation
internal import Models
internal import Reporting
internal import TensorEngine
internal import Tokenization

/// Answers of a decoder to new questions: the best of three beams, or the likeliest of a list. Where quickness counts more, as while a model
/// is trained, the likeliest token each time, or the best of fewer.
struct AnswerWritingPredictor: TaskPredictor {
  /// How a row of numbers is made, and what it stands for.
  private enum Way {
    /// The tokens, Σ ln p, and 1 where something closed it.
    case writing(DecodingSettings)
    /// The places of the likeliest in the list, and Σ ln p of each.
    case ranking(TextRanking)
  }

  private let names: [String]
  private let tokenizer: any Tokenizer
  private let way: Way

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
    if head.task.form == .ranked {
      let texts = names.map { tokenizer.encode($0, limit: head.decoder.contextLength) }
      way = .ranking(TextRanking(head.decoder, among: texts, shortlist: Self.shortlist(isThorough: isThorough)))
    } else {
      var settings = DecodingSettings(
        isThorough ? .beams(3) : .greedy, maximumLength: min(Self.longest, head.decoder.contextLength))
      // The likeliest answer, and not that with the likeliest tokens: a long one is no better for being long.
      settings.lengthReward = 0
      way = .writing(settings)
    }
  }

  var inputs: [Modality] { [.image, .text] }
  var tokens: EncodedTokens { .all }
  var textName: String { "question" }
  var width: Int {
    switch way {
    case .writing(let settings): settings.maximumLength + 2
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
      switch way {
      case .writing(let settings): TextWriter(model.decoder, settings).write(context, tape).map { row($0, settings) }
      case .ranking(let ranking):
        ranking.rank(context, tape).map { $0.flatMap { [Float($0.place), Float($0.logProbability)] } }
      }
    return tape.engine.tensor(rows.flatMap(\.self), shape: [rows.count, width])
  }

  private func row(_ text: WrittenText, _ settings: DecodingSettings) -> [Float] {
    text.tokens.map { Float($0) } + [Float](repeating: -1, count: settings.maximumLength - text.tokens.count)
      + [Float(text.logProbability), text.isClosed ? 1 : 0]
  }

  /// What a row stands for, the likeliest first; one that is written stands alone.
  func told(_ row: ArraySlice<Float>) -> [Told] {
    let row = Array(row)
    switch way {
    case .writing(let settings):
      let ids = row.prefix(settings.maximumLength).filter { $0 >= 0 }.map { Int32($0) }
      let isCut = row[settings.maximumLength + 1] == 0
      let words = tokenizer.decode(Array(ids.dropFirst().dropLast(isCut ? 0 : 1)))
      var told = Told(words: words, logProbability: Double(row[settings.maximumLength]))
      (told.tokens, told.isCut) = (ids.count - 1, isCut)
      return [told]
    case .ranking(let ranking):
      return (0..<ranking.count).map { rank in
        let number = Int(row[2 * rank])
        return Told(words: names[number], logProbability: Double(row[2 * rank + 1]), number: number)
      }
    }
  }

  func prediction(_ numbers: ArraySlice<Float>, top: Int) -> TaskPrediction {
    let told = told(numbers).prefix(top)
    var prediction = TaskPrediction(
      members: [("answers", .list(told.map(\.json)))],
      lines: told.map { choiceLine($0.probability, $0.shown) + ($0.isCut ? "  (cut)" : "") })
    prediction.bars = [told.map { ($0.words, $0.probability) }]
    return prediction
  }

  // MARK: In words

  /// How answers are told.
  var words: String {
    switch way {
    case .writing(let settings):
      let search = settings.search == .greedy ? "the likeliest token each time" : "the best of three beams"
      return "\(search), at most \(settings.maximumLength) tokens"
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

  /// For a person.
  fileprivate var shown: String { words.isEmpty ? "(no words)" : words }

  fileprivate var json: OrderedJSON {
    .object(
      [("answer", .text(words))] + (number.map { [("number", .integer($0))] } ?? [])
        + [("probability", .float(Float(probability))), ("log_probability", .float(Float(logProbability)))]
        + (tokens.map { [("tokens", .integer($0)), ("is_cut", .flag(isCut))] } ?? []))
  }
}
