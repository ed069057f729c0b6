internal import Batching
internal import Inference
internal import Reporting

/// What `mmtrain zeroshot` prints.
struct ZeroShotReport {
  let result: ClassificationReport
  let classes: [ClassifiedPhotos.Class]
  let templates: [String]
  let skipped: [PhotoProblem]
  let model: String
  let precision: String
  let kind: MediaKind

  var document: String {
    let perClass = classes.indices.map { index in
      OrderedJSON.object([
        ("class", .text(classes[index].key)), ("words", .text(classes[index].words)),
        ("photos", .integer(photos(of: index))),
        ("accuracy", result.perClass[index].map { .number(100 * $0) } ?? .null),
      ])
    }
    return OrderedJSON.object([
      ("model", .text(model)), ("precision", .text(precision)), ("photos", .integer(result.photos)),
      ("top1", .number(100 * result.top1)), ("top5", .number(100 * result.top5)),
      ("mean_per_class", .number(100 * result.meanPerClass)), ("classes", .list(perClass)),
      ("confusion", .list(result.confusion.map { .list($0.map { .integer($0) }) })),
      ("templates", .list(templates.map { .text($0) })), ("skipped", skippedPhotos(skipped)),
    ]).document
  }

  /// Beyond so many classes the table of confusions is for machines.
  private static let widest = 20

  var table: String {
    let names = classes.map { printable($0.key, limit: 30) }
    let width = names.map(\.count).max() ?? 0
    let isShown = classes.count <= Self.widest
    let heads = isShown ? classes.indices.map { column("[\($0 + 1)]", 6) }.joined() : ""
    var lines = [
      "top-1 \(share(result.top1))   top-5 \(share(result.top5))   mean of the classes \(share(result.meanPerClass))",
      "\(result.photos) \(kind.word)s, \(classes.count) classes, \(templates.count) template(s)",
      "",
      column("", width + 6, left: true) + column(kind == .photos ? "photos" : "clips", 8) + column("right", 10) + heads,
    ]
    for index in classes.indices {
      let accuracy = result.perClass[index].map(share) ?? "–"
      let row = isShown ? result.confusion[index].map { column("\($0)", 6) }.joined() : ""
      lines.append(
        column("[\(index + 1)]", 5, left: true) + " " + column(names[index], width, left: true)
          + column("\(photos(of: index))", 8) + column(accuracy, 10) + row)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func photos(of index: Int) -> Int { result.confusion[index].reduce(0, +) }
  private func share(_ value: Double) -> String { decimals(100 * value, 1) + " %" }
}
