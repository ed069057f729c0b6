public import Batching
public import Collectives
public import Inference
internal import Reporting
internal import Tasks

/// A model without a task of ours, asked by the heads that it has: what it says of photos is what it was published to say.
public struct HeadModel {
  private let asked: AskedModel
  private let queries: [Query]

  /// - Parameter top: choices that are told of each place, at most as many as there are.
  /// - Throws: `InferenceError` for what cannot be asked.
  public init(_ loaded: LoadedModel, _ queries: [Query], top: Int) throws {
    (asked, self.queries) = (try AskedModel(loaded, queries, top: top), queries)
  }

  /// Queries that are longer than the model reads, and are cut.
  public var cutTexts: Int { asked.cutTexts }

  /// As `TaskModel.predict`.
  public func predict(
    _ photos: any PhotoCollection, _ settings: PhotoEncoding, _ communicator: any Communicator,
    tell: (PredictedExamples) throws -> Void
  ) throws {
    try asked.predict(photos, settings, communicator) { part in
      var told = PredictedExamples(told: part.predictions.map { zip(queries, $0).map { PredictedExample($0, $1) } })
      (told.places, told.problems, told.animated) = (part.places, part.problems, part.animated)
      try tell(told)
    }
  }
}

extension PredictedExample {
  /// - Parameter told: in each place the likeliest first.
  fileprivate init(_ query: Query, _ told: [[Choice]]) {
    let bars = told.map { $0.map { (text: $0.shown, probability: Double($0.probability)) } }
    let lines = told.enumerated().flatMap { place, choices in
      (told.count > 1 ? ["[\(place + 1)]"] : []) + choices.map(\.line)
    }
    switch query {
    case .question(let text):
      let answers = told.flatMap { $0 }.map { $0.json(as: "answer") }
      self.init(text: ("question", text), members: [("answers", .list(answers))], lines: lines, bars: bars)
    case .maskedText(let text):
      let masks = told.map { OrderedJSON.list($0.map { $0.json(as: "word") }) }
      self.init(text: ("text", text), members: [("masks", .list(masks))], lines: lines, bars: bars)
    }
  }
}

extension Choice {
  /// Tokens that stand for no text have a number alone.
  fileprivate var shown: String { text.isEmpty ? "#\(number)" : text }

  fileprivate var line: String { choiceLine(Double(probability), shown) }

  fileprivate func json(as name: String) -> OrderedJSON {
    .object([
      (name, .text(text)), ("number", .integer(number)), ("probability", .float(probability)), ("logit", .float(logit)),
    ])
  }
}
