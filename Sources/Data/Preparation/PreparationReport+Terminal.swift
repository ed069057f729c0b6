internal import Batching
internal import Reporting

/// The report in a few lines, for a terminal. Everything from outside is made printable.
extension PreparationReport {
  /// What was made, how the source was understood, what was passed over, and what a reader should not miss.
  ///
  /// - Parameter output: where the set is.
  public func summary(output: String) -> String {
    var lines = ["\(printable(output)): \(printable(name))"]
    lines += splits.map { "  \($0.name): \($0.words)" }
    lines += readingLines.map { "  " + $0 }
    lines.append("  splits: \(printable(splitSource, limit: 300))")
    lines += shown(otherCaptions + passedOver, "passed over")
    lines += shown(notes, "note")
    lines += warnings.map { "  warning: " + printable($0, limit: 600) }
    lines += leftOutLines(output)
    return lines.joined(separator: "\n") + "\n"
  }

  /// How the captions were understood, and with which options to say it otherwise.
  private var readingLines: [String] {
    let columns = columnSources.map { "columns: \($0.words), \($0.rows) rows" }
    guard let taken = captionSources.first else { return columns }
    var lines = ["captions: \(taken.words)"]
    if let row = taken.firstRow { lines.append("first: \(row)") }
    if taken.reading?.delimiter != nil {
      lines[lines.count - 1] += " (if that is wrong: --caption-columns, --caption-delimiter)"
    }
    return lines + columns
  }

  private var otherCaptions: [String] {
    captionSources.dropFirst().map { other in
      "\(other.file), \(other.layout): " + (other.difference.map { "it differs: \($0)" } ?? "it says the same")
    }
  }

  /// The first few of a list, and how many more there are.
  private func shown(_ texts: [String], _ title: String) -> [String] {
    let limit = 5
    let lines = texts.prefix(limit).map { "  \(title): \(printable($0, limit: 300))" }
    return lines + (texts.count > limit ? ["  \(title): \(texts.count - limit) more, see report.html"] : [])
  }

  /// What is not in the set. That it is nothing is said only where it is true of every row and photo.
  private func leftOutLines(_ output: String) -> [String] {
    var lines: [String] = []
    if photosNotListed > 0 {
      lines.append("  left out on purpose: \(photosNotListed) photos that the captions or lists of splits do not name")
    }
    if problemCount > 0 {
      let kinds = problemCounts.map { "\($0.count) \($0.kind.words)" }.joined(separator: ", ")
      lines.append("  left out: \(kinds); \(printable(output))/report.html lists them")
    }
    lines += alsoLeftOut.map { "  left out: " + printable($0, limit: 300) }
    return lines.isEmpty ? ["  nothing left out"] : lines
  }
}

extension PreparationReport.Split {
  /// What its samples are made of.
  private var subjects: String { columns.contains { $0.column == .image } || columns.isEmpty ? "photos" : "clips" }

  /// Photos, captions and what else there is, for a terminal.
  fileprivate var words: String {
    let told: ColumnSet = subjects == "clips" ? [.audio, .captions] : [.image, .captions]
    let others = columns.filter { !told.contains($0.column) || $0.column == .image && $0.values > $0.samples }.map {
      ", " + $0.words
    }
    return "\(photos) \(subjects), \(captions) captions" + others.joined()
  }
}
