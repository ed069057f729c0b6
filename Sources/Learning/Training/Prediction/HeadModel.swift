public import Batching
public import Collectives
public import Inference
internal import Reporting
internal import Tasks

/// A model without a task of ours, asked by the heads that it has: what it says of photos is what it was published to say.
public struct HeadModel {
  private enum Asked {
    case queries(AskedModel, [Query])
    case classes(AskedClassifier)
  }

  private let asked: Asked

  /// - Parameter top: choices that are told of each place, at most as many as there are.
  /// - Throws: `InferenceError` for what cannot be asked.
  public init(_ loaded: LoadedModel, _ queries: [Query], top: Int) throws {
    asked = .queries(try AskedModel(loaded, queries, top: top), queries)
  }

  /// One that says of photos, or of clips, which of its classes they are of, and is asked nothing; nil for any other.
  public init?(_ loaded: LoadedModel, top: Int) {
    guard let classifier = AskedClassifier(loaded, top: top) else { return nil }
    asked = .classes(classifier)
  }

  /// Queries that are longer than the model reads, and are cut.
  public var cutTexts: Int { if case .queries(let model, _) = asked { model.cutTexts } else { 0 } }

  /// As `TaskModel.predict`.
  public func predict(
    _ photos: any PhotoCollection, _ settings: PhotoEncoding, _ communicator: any Communicator,
    tell: (PredictedExamples) throws -> Void
  ) throws {
    switch asked {
    case .queries(let model, let queries):
      try model.predict(photos, settings, communicator) { part in
        try tell(PredictedExamples(part) { zip(queries, $0).map { PredictedExample($0, $1) } })
      }
    case .classes(let model):
      try model.predict(photos, settings, communicator) { part in
        try tell(PredictedExamples(part) { $0.map { PredictedExample(classes: $0[0]) } })
      }
    }
  }
}

extension PredictedExamples {
  /// - Parameter told: of what is said of a photo to each query.
  fileprivate init(_ part: PredictedPhotos, told: ([[[Choice]]]) -> [PredictedExample]) {
    self.init(told: part.predictions.map(told))
    (places, problems, shortened) = (part.places, part.problems, part.shortened)
  }
}

extension PredictedExample {
  /// As a task of ours tells classes.
  /// - Parameter told: the likeliest first.
  fileprivate init(classes told: [Choice]) {
    self.init(
      members: [("classes", .list(told.map { $0.json(as: "class") }))], lines: told.map(\.line),
      bars: [told.map { (text: $0.shown, probability: Double($0.probability)) }])
  }

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
