public import Reporting

extension CaptionMetrics: TaskReport {
  /// CIDEr-D, or where it is not defined BLEU-4.
  public var score: Double { cider ?? bleu[3] }

  public var members: [(String, OrderedJSON)] {
    [("images", .integer(images))] + figures.map { ($0.key, .number($0.value)) }
  }

  public var summary: [(name: String, value: String)] {
    figures.filter { ["bleu4", "cider"].contains($0.key) }.map { ($0.name, decimals($0.value, 4)) }
  }

  public var table: String { lines.map { $0 + "\n" }.joined() }

  /// All of it, for a terminal.
  public var lines: [String] {
    let rows = figures.map { [$0.name, figure($0.value, $0.places, $0.unit, intervals, FigureKey($0.key))] }
    let others = outside.map { $0.map(\.row) } ?? []
    return aligned([["\(images) images with \(references) references", ""]] + rows + others) + remarks
  }

  private typealias Figure = (key: String, name: String, value: Double, places: Int, unit: String)

  private var figures: [Figure] {
    let shares: [(String, String, Double?)] =
      zip(FigureKey.bleu, bleu).enumerated().map { ($1.0.stringValue, "BLEU-\($0 + 1)", $1.1) } + [
        (CodingKeys.rougeL.rawValue, "ROUGE-L", rougeL), (CodingKeys.cider.rawValue, "CIDEr-D", cider),
        (CodingKeys.clipScore.rawValue, "CLIPScore", clipScore),
        (CodingKeys.referenceClipScore.rawValue, "RefCLIPScore", referenceClipScore),
        (CodingKeys.distinct1.rawValue, "different words of all", distinct1),
        (CodingKeys.distinct2.rawValue, "different pairs of words of all", distinct2),
      ]
    let percents: [(String, String, Double?)] = [
      (CodingKeys.novel.rawValue, "that the training split has not", novel),
      (CodingKeys.repeated.rawValue, "that say something twice in a row", repeated),
      (CodingKeys.badEndings.rawValue, "that end in the middle", badEndings),
    ]
    return shares.compactMap { key, name, value in value.map { (key, name, $0, 4, "") } }
      + percents.compactMap { key, name, value in value.map { (key, name, $0, 2, " %") } }
      + [(CodingKeys.length.rawValue, "words of a caption", length, 2, "")]
  }

  private var remarks: [String] {
    var remarks = [signature]
    if cider == nil { remarks.append("CIDEr-D is not defined for one image: how rare a word is takes others") }
    if cider != nil, frequencyImages < 50 {
      remarks.append(
        "CIDEr-D of \(frequencyImages) images hangs on how rare words are among so few; compare it with nothing else")
    }
    if empty > 0 { remarks.append("\(empty) captions have no word") }
    if images > 1, 2 * mostFrequentCount > images {
      remarks.append("\(mostFrequentCount) captions are the same: \(printable(mostFrequent, limit: 80))")
    }
    return remarks
  }
}
