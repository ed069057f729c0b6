internal import Inference
internal import Reporting

/// What `mmtrain match` prints.
struct MatchReport {
  let scores: MatchScores
  let images: [String]
  let texts: [String]
  let skipped: [PhotoProblem]
  let model: String
  let precision: String
  /// Nil for a model without features.
  let logitFactor: Float?
  let logitBias: Float?

  // MARK: For machines

  var document: String {
    let rows = images.indices.map { image in
      OrderedJSON.object([
        ("name", .text(images[image])),
        ("logits", .list(texts.indices.map { .float(scores.logit(image: image, text: $0)) })),
        ("probabilities", .list(texts.indices.map { .float(scores.probability(image: image, text: $0)) })),
      ])
    }
    return OrderedJSON.object([
      ("model", .text(model)), ("precision", .text(precision)),
      ("logit_factor", logitFactor.map { .float($0) } ?? .null),
      ("logit_bias", logitBias.map { .float($0) } ?? .null),
      ("probabilities_over", .text(scores.choice.rawValue)), ("texts", .list(texts.map { .text($0) })),
      ("images", .list(rows)), ("skipped", skippedPhotos(skipped)),
    ]).document
  }

  // MARK: For people

  private static let widest = 8

  var table: String {
    switch scores.choice {
    case _ where texts.count == 1 && images.count > 1: imagesOfOneText
    case _ where texts.count <= Self.widest: matrix
    default: bestTexts
    }
  }

  /// A row for each photo, a column for each text.
  private var matrix: String {
    let heads = texts.map { printable($0) }
    let isShort = heads.allSatisfy { $0.count <= 20 }
    let columns = isShort ? heads : texts.indices.map { "[\($0 + 1)]" }
    let widths = columns.map { max(8, $0.count) + 2 }
    let first = nameWidth
    var lines = isShort ? [] : zip(columns, heads).map { "\($0) \($1)" } + [""]
    lines.append(column("", first, left: true) + zip(columns, widths).map { column($0, $1) }.joined())
    for (image, name) in shownNames.enumerated() {
      lines.append(
        column(name, first, left: true)
          + texts.indices.map { column(percent(scores.probability(image: image, text: $0)), widths[$0]) }.joined())
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// Where there are too many texts for columns: the best few of each photo.
  private var bestTexts: String {
    shownNames.enumerated().map { image, name in
      "\(name)\n"
        + scores.best(5, ofImage: image).map {
          column(percent(scores.probability(image: image, text: $0)), 10) + "  \(printable(texts[$0]))\n"
        }.joined()
    }.joined()
  }

  /// The best photo first.
  private var imagesOfOneText: String {
    let names = shownNames
    let order = scores.logits.indices.sorted {
      let (a, b) = (scores.logits[$0], scores.logits[$1])
      return a == b ? $0 < $1 : a > b
    }
    return printable(texts[0]) + "\n"
      + order.map { column(percent(scores.probabilities[$0]), 10) + "  \(names[$0])\n" }.joined()
  }

  private var shownNames: [String] { images.map { printable($0) } }
  private var nameWidth: Int { shownNames.map(\.count).max() ?? 0 }
}

/// A probability as a person reads it.
func percent(_ probability: Float) -> String { decimals(100 * Double(probability), 2) + " %" }
