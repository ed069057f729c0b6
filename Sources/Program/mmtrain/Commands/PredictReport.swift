internal import Evaluation
internal import Inference
internal import Models
internal import Reporting
internal import Reports
internal import Training

/// What `mmtrain predict` tells of examples, in one of several forms.
struct PredictReport {
  /// As they were named.
  let models: [String]
  let precision: String
  /// How texts are written; nil where none are.
  var way: String?

  // MARK: For people

  /// A photo, and below it each text with what is told of it.
  func table(_ name: String?, _ told: [PredictedExample]) -> String {
    let indent = name == nil ? "" : "  "
    let texts = told.map { example in
      (example.text.map { indent + printable($0.words) + "\n" } ?? "")
        + example.lines.map { indent + $0 + "\n" }.joined()
    }
    return (name.map { printable($0) + "\n" } ?? "") + texts.joined()
  }

  // MARK: For machines

  /// An object a line, for each photo and text.
  func lines(_ name: String?, _ told: [PredictedExample]) -> String {
    told.map { OrderedJSON.object((name.map { [("name", .text($0))] } ?? []) + members($0)).line + "\n" }.joined()
  }

  func line(_ problem: PhotoProblem) -> String {
    OrderedJSON.object([("name", .text(problem.name)), ("skipped", .text(problem.reason))]).line + "\n"
  }

  /// All in one object.
  /// - Parameter photos: with their names, or once without.
  func document(
    _ photos: [(name: String?, told: [PredictedExample])], _ problems: [PhotoProblem], written: WrittenCounts
  ) -> String {
    let lists = photos.map { OrderedJSON.list($0.told.map { .object(members($0)) }) }
    let told: (String, OrderedJSON)
    if photos.contains(where: { $0.name == nil }) {
      told = ("predictions", lists.first ?? .list([]))
    } else {
      told = (
        "images",
        .list(
          zip(photos, lists).map { photo, list in
            .object([("name", photo.name.map { .text($0) } ?? .null), ("predictions", list)])
          })
      )
    }
    let named: (String, OrderedJSON) =
      models.count == 1 ? ("model", .text(models[0])) : ("models", .list(models.map { .text($0) }))
    let writing: [(String, OrderedJSON)] =
      way.map { way in
        [
          ("way", .text(way)), ("texts", .integer(written.texts)),
          ("tokens", .integer(written.tokens)), ("cut", .integer(written.cut)),
        ]
      } ?? []
    return OrderedJSON.object(
      [named, ("precision", .text(precision))] + (writing.isEmpty ? [] : [("written", .object(writing))])
        + [told, ("skipped", skippedPhotos(problems))]
    ).document
  }

  /// With the text that it belongs to, where there is one.
  private func members(_ told: PredictedExample) -> [(String, OrderedJSON)] {
    (told.text.map { [($0.name, .text($0.words))] } ?? []) + told.members
  }
}

extension PredictionPage.Told {
  /// - Parameter references: what people say.
  init(_ told: PredictedExample, references: [String]) {
    self.init(text: told.text?.words, bars: told.bars, box: told.box, trust: told.trust)
    (written, self.references) = (told.written, references)
  }

  /// What a model has written of a sample of a split.
  init(_ sample: WrittenSample) {
    self.init(text: nil, bars: [], box: nil, trust: nil)
    (written, references, scores) = (sample.text, sample.references, sample.scores)
  }
}
