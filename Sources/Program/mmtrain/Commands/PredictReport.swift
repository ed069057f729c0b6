internal import Inference
internal import Reporting

/// What `mmtrain predict` prints.
struct PredictReport {
  let predicted: PredictedPhotos
  let images: [String]
  let queries: [Query]
  let model: String
  let precision: String

  // MARK: For machines

  var document: String {
    let photos = zip(images, predicted.predictions).map { name, told in
      OrderedJSON.object([
        ("name", .text(name)), ("predictions", .list(zip(queries, told).map { prediction($0, $1) })),
      ])
    }
    return OrderedJSON.object([
      ("model", .text(model)), ("precision", .text(precision)), ("images", .list(photos)),
      ("skipped", skippedPhotos(predicted.problems)),
    ]).document
  }

  private func prediction(_ query: Query, _ told: [[Choice]]) -> OrderedJSON {
    switch query {
    case .question(let text):
      .object([("question", .text(text)), ("answers", .list(told.flatMap { $0 }.map { choice("answer", $0) }))])
    case .maskedText(let text):
      .object([("text", .text(text)), ("masks", .list(told.map { .list($0.map { choice("word", $0) }) }))])
    }
  }

  private func choice(_ name: String, _ choice: Choice) -> OrderedJSON {
    .object([
      (name, .text(choice.text)), ("number", .integer(choice.number)), ("probability", .float(choice.probability)),
      ("logit", .float(choice.logit)),
    ])
  }

  // MARK: For people

  var table: String {
    zip(images, predicted.predictions).map { name, told in
      printable(name) + "\n" + zip(queries, told).map { lines($0, $1) }.joined()
    }.joined()
  }

  /// The query, and below it a line for each of the likeliest; of several masks each with its number.
  private func lines(_ query: Query, _ told: [[Choice]]) -> String {
    let places = told.enumerated().map { place, choices in
      (told.count > 1 ? "  [\(place + 1)]\n" : "")
        + choices.map { column(percent($0.probability), 12) + "  \(shown($0))\n" }.joined()
    }
    return "  \(printable(query.text))\n" + places.joined()
  }

  /// Tokens that stand for no text have a number alone.
  private func shown(_ choice: Choice) -> String { choice.text.isEmpty ? "#\(choice.number)" : printable(choice.text) }
}
