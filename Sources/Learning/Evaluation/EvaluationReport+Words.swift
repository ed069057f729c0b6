public import Reporting

extension EvaluationReport {
  public var members: [(String, OrderedJSON)] {
    var members: [(String, OrderedJSON)] = []
    if let retrieval {
      members += [
        ("image_to_text", retrieval.imageToText.members), ("text_to_image", retrieval.textToImage.members),
      ]
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
    return members
  }

  public var summary: [(name: String, value: String)] {
    var rows: [(name: String, value: String)] = []
    if let retrieval {
      rows.append(("image→text R@5", brief(retrieval.imageToText.r5) + " %"))
      rows.append(("text→image R@5", brief(retrieval.textToImage.r5) + " %"))
    }
    if let matching { rows.append(("matching accuracy", brief(matching.accuracy) + " %")) }
    if let maskedText {
      rows.append(("masked words right", brief(maskedText.accuracy) + " %"))
      rows.append(("perplexity", brief(maskedText.perplexity)))
    }
    return rows
  }

  /// The mean of the six recalls, in percent, and where the model has a matching head the mean of that and the matching accuracy.
  public var score: Double {
    guard let retrieval else { return 0 }
    let recalls = [retrieval.imageToText, retrieval.textToImage].map { ($0.r1 + $0.r5 + $0.r10) / 3 }
    let recall = (recalls[0] + recalls[1]) / 2
    return matching.map { (recall + $0.accuracy) / 2 } ?? recall
  }

  public var table: String {
    var lines: [String] = []
    if let retrieval {
      lines.append("                   R@1     R@5    R@10   median rank")
      lines += rows("", retrieval) + (reranked.map { rows(" (re-ranked)", $0) } ?? [])
      lines.append("\(retrieval.images) images, \(retrieval.captions) captions; recall in percent, any hit")
    }
    if let matching {
      let auc = matching.auc.map { ", AUC \(decimals($0, 3))" } ?? ""
      lines.append("matching accuracy \(decimals(matching.accuracy, 2)) %\(auc) on \(matching.pairs) pairs")
    }
    if let maskedText {
      lines.append(
        "masked words \(decimals(maskedText.accuracy, 2)) % right, perplexity \(decimals(maskedText.perplexity, 1)), on "
          + "\(maskedText.tokens) tokens")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func rows(_ name: String, _ metrics: RetrievalMetrics) -> [String] {
    [("image→text" + name, metrics.imageToText), ("text→image" + name, metrics.textToImage)].map { title, recall in
      title + String(repeating: " ", count: max(0, 14 - title.count))
        + [recall.r1, recall.r5, recall.r10, recall.medianRank].map { padded(decimals($0, 1)) }.joined()
    }
  }

  private func padded(_ text: String) -> String { String(repeating: " ", count: max(0, 8 - text.count)) + text }
}

extension RecallMetrics {
  fileprivate var members: OrderedJSON {
    .object([
      ("r1", .number(r1)), ("r5", .number(r5)), ("r10", .number(r10)), ("median_rank", .number(medianRank)),
    ])
  }
}
