internal import Reporting

/// The report in a few lines, for a terminal. Everything from outside is made printable.
extension PreparationReport {
  /// What was made, how the captions were understood, and what a reader should not miss.
  ///
  /// - Parameter output: where the set is.
  public func summary(output: String) -> String {
    var lines = ["\(printable(output)): \(printable(name))"]
    lines += splits.map { "  \($0.name): \($0.photos) photos, \($0.captions) captions" }
    lines += readingLines.map { "  " + $0 }
    lines += warnings.map { "  warning: " + printable($0, limit: 600) }
    lines.append(
      problemCount == 0
        ? "  nothing left out" : "  \(problemCount) problems; \(printable(output))/report.html lists them")
    return lines.joined(separator: "\n") + "\n"
  }

  /// How the caption file was understood, and with which options to say it otherwise.
  private var readingLines: [String] {
    guard let taken = captionSources.first else { return [] }
    var lines = ["captions: \(taken.words)"]
    if let row = taken.firstRow { lines.append("first: \(row)") }
    if taken.reading?.delimiter != nil {
      lines[lines.count - 1] += " (if that is wrong: --caption-columns, --caption-delimiter)"
    }
    return lines
  }
}
