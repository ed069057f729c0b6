public import Reporting

extension EvaluationReport {
  public var members: [(String, OrderedJSON)] {
    var members: [(String, OrderedJSON)] = []
    if medium != .image { members.append(("medium", .text(medium.rawValue))) }
    if let retrieval {
      members += [
        ("image_to_text", retrieval.imageToText.members), ("text_to_image", retrieval.textToImage.members),
      ]
      if let matched = retrieval.matched { members.append(("by_matching", matched.members)) }
    }
    for pair in pairs {
      members += pair.directions.map { ("\($0.from)_to_\($0.to)", $0.recall.members) }
    }
    if let matching {
      let auc = matching.auc.map { [("auc", OrderedJSON.number($0))] } ?? []
      members.append(("matching", .object([("accuracy", .number(matching.accuracy))] + auc)))
    }
    if let maskedText {
      members.append(
        (
          "masked_text",
          .object([("accuracy", .number(maskedText.accuracy)), ("perplexity", .number(maskedText.perplexity))])
        ))
    }
    if let maskedRegions {
      let figures = maskedRegions.figures.map { ($0.key.stringValue, OrderedJSON.number($0.value)) }
      members.append(("masked_regions", .object(figures)))
    }
    return members
  }

  public var summary: [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = []
    if let retrieval {
      // A part of a split is easier than the whole.
      let isWhole = retrieval.matched.map { $0.imagesOfSplit == retrieval.images } ?? true
      let among = isWhole ? "" : " among \(retrieval.images) \(medium.samples)"
      rows.append(("\(medium.toText) R@5" + among, brief(retrieval.imageToText.r5) + " %"))
      rows.append(("\(medium.fromText) R@5" + among, brief(retrieval.textToImage.r5) + " %"))
    }
    for pair in pairs {
      rows += pair.directions.map { ("\($0.from)→\($0.to) R@5", brief($0.recall.r5) + " %") }
    }
    if let matching { rows.append(("matching accuracy", brief(matching.accuracy) + " %")) }
    if let maskedText {
      rows.append(("masked words right", brief(maskedText.accuracy) + " %"))
      rows.append(("perplexity", brief(maskedText.perplexity)))
    }
    rows += maskedRegions?.figures.map { ("hidden regions: " + $0.name, brief($0.value) + $0.unit) } ?? []
    return rows
  }

  /// The mean of the six recalls, in percent, and where the model has a matching head the mean of that and the matching accuracy;
  /// of three modalities the mean over their pairs; of a model that finds nothing, how much it gets right.
  public var score: Double {
    if !pairs.isEmpty { return pairs.reduce(0) { $0 + $1.meanRecall } / Double(pairs.count) }
    guard let retrieval else { return matching?.accuracy ?? maskedText?.accuracy ?? maskedRegions?.accuracy ?? 0 }
    let recalls = [retrieval.imageToText, retrieval.textToImage].map { ($0.r1 + $0.r5 + $0.r10) / 3 }
    let recall = (recalls[0] + recalls[1]) / 2
    return matching.map { (recall + $0.accuracy) / 2 } ?? recall
  }

  public var table: String {
    var lines: [String] = []
    if let retrieval { lines += retrievalLines(retrieval) }
    lines += pairs.lines
    if let matching { lines.append(matching.line) }
    if let maskedText { lines += maskedText.lines(medium) }
    if let maskedRegions { lines += maskedRegions.lines }
    if hasIntervals {
      lines.append("in brackets: 95 % intervals over \(medium.samples) (docs/evaluation.md)")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private var hasIntervals: Bool {
    retrieval?.imageToText.intervals != nil || pairs.contains { $0.firstToSecond.intervals != nil }
      || matching?.intervals != nil || maskedText?.intervals != nil
      || maskedRegions?.intervals != nil
  }

  private func retrievalLines(_ retrieval: RetrievalMetrics) -> [String] {
    let recalls =
      directions(retrieval)
      + (reranked.map { directions($0).map { title, recall in ("\(title) (re-ranked)", recall) } } ?? [])
    let rows =
      [["", "R@1", "R@5", "R@10", "median rank"]]
      + recalls.map { title, recall in
        [title] + recall.figures.map { figure($0.value, 1, "", recall.intervals, $0.key) }
      }
    return aligned(rows) + placedLines(retrieval)
      + ["\(retrieval.images) \(medium.things), \(retrieval.captions) captions; recall in percent, any hit"]
      + (retrieval.matched.map { [$0.line(medium.things, retrieval.images)] } ?? [])
  }

  private func directions(_ retrieval: RetrievalMetrics) -> [(title: String, recall: RecallMetrics)] {
    [(medium.toText, retrieval.imageToText), (medium.fromText, retrieval.textToImage)]
  }

  /// What is known beyond ranks, where it is.
  private func placedLines(_ retrieval: RetrievalMetrics) -> [String] {
    guard !retrieval.imageToText.placed.isEmpty else { return [] }
    return aligned(
      [[""] + retrieval.imageToText.placed.map(\.title)]
        + directions(retrieval).map { title, recall in
          [title] + recall.placed.map { figure($0.value, $0.isPercent ? 1 : 3, "", recall.intervals, $0.key) }
        }) + ["merged: what has a caption with the same words is right as well"]
  }
}

extension MatchedPairs {
  fileprivate var members: OrderedJSON {
    .object([
      ("pairs", .integer(pairs)), ("images_of_split", .integer(imagesOfSplit)), ("limit", .integer(limit)),
    ])
  }

  /// - Parameter things: what captions are found for.
  fileprivate func line(_ things: String, _ count: Int) -> String {
    "found by the matching head, in \(pairs) pairs"
      + (count == imagesOfSplit
        ? "" : ": \(count) of \(imagesOfSplit) \(things), drawn so that there are at most \(limit) pairs")
  }
}

extension MatchingMetrics {
  fileprivate var line: String {
    let area = auc.map { ", AUC " + figure($0, 3, "", intervals, CodingKeys.auc) } ?? ""
    let accuracy = figure(accuracy, 2, " %", intervals, CodingKeys.accuracy)
    return "matching accuracy \(accuracy)\(area) on \(pairs) pairs"
  }
}

extension MaskedTextMetrics {
  fileprivate func lines(_ medium: EvaluatedMedium) -> [String] {
    var rows = [
      ["masked words", "right", "perplexity"],
      row("own \(medium.samples)", accuracy, .accuracy, perplexity, .perplexity),
    ]
    if let accuracy = accuracyWithOtherPhotos, let perplexity = perplexityWithOtherPhotos {
      rows.append(
        row("others' \(medium.samples)", accuracy, .accuracyWithOtherPhotos, perplexity, .perplexityWithOtherPhotos))
    }
    if let accuracy = accuracyDifference, let perplexity = perplexityDifference {
      rows.append(row("difference", accuracy, .accuracyDifference, perplexity, .perplexityDifference))
    }
    return aligned(rows) + ["\(tokens) masked tokens; right in percent"]
  }

  private func row(
    _ title: String, _ accuracy: Double, _ key: CodingKeys, _ perplexity: Double, _ other: CodingKeys
  ) -> [String] {
    [title, figure(accuracy, 2, "", intervals, key), figure(perplexity, 2, "", intervals, other)]
  }
}

extension MaskedRegionMetrics {
  fileprivate var lines: [String] {
    let rows = figures.map { [$0.name, figure($0.value, $0.unit.isEmpty ? 4 : 2, $0.unit, intervals, $0.key)] }
    return aligned([["hidden regions", ""]] + rows) + ["\(regions) hidden regions"]
  }
}

extension RecallMetrics {
  fileprivate var members: OrderedJSON {
    .object([
      ("r1", .number(r1)), ("r5", .number(r5)), ("r10", .number(r10)), ("median_rank", .number(medianRank)),
    ])
  }
}
