internal import Reporting

/// `report.html`: the report for reading. Everything from outside is escaped.
extension PreparationReport {
  /// Problems shown on the page; `report.json` has more.
  private static let shownProblems = 1000

  func page() -> String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <title>\(escaped(name)): preparation report</title>
    <style>
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
    table { border-collapse: collapse; margin: 0.5rem 0 1.5rem; }
    th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid #ccc; vertical-align: top; }
    td.number { text-align: right; font-variant-numeric: tabular-nums; }
    </style>
    </head>
    <body>
    <h1>\(escaped(name))</h1>
    \(origin)
    <h2>Splits</h2>
    <p>\(escaped(splitSource))</p>
    \(table(["split", "photos", "captions"], splits.map { [$0.name, "\($0.photos)", "\($0.captions)"] }))
    <h2>Captions</h2>
    \(table(["file", "layout", "rows", "taken"], captionSources.map(row)))
    \(table(["captions a photo", "photos"], captionCounts.map { ["\($0.captions)", "\($0.photos)"] }))
    \(pairSection)
    <h2>Left out</h2>
    \(problemSection)
    <h2>Duplicates</h2>
    \(duplicateSection)
    </body>
    </html>

    """
  }

  private var origin: String {
    var facts = [("source", source), ("photos in the source", "\(photosFound)")]
    if photosNotListed > 0 { facts.append(("photos left out by the caption or split files", "\(photosNotListed)")) }
    if let sourceDigest { facts.append(("SHA-256", sourceDigest)) }
    if let licence { facts.append(("licence", licence)) }
    facts.append(("tokenizer", tokenizer))
    facts += notes.map { ("note", $0) }
    return table([], facts.map { [$0.0, $0.1] })
  }

  private func row(_ source: CaptionSource) -> [String] {
    let verdict = source.agrees.map { $0 ? "no; it agrees" : "no; it differs: \(source.difference ?? "")" } ?? "yes"
    return [source.file, source.layout, "\(source.rows)", verdict]
  }

  private var pairSection: String {
    guard let pairs else { return "" }
    return "<h2>Labelled pairs</h2>\n"
      + table(
        ["file", "rows", "match", "no match"],
        [[pairs.file, "\(pairs.rows)", "\(pairs.matching)", "\(pairs.notMatching)"]])
  }

  private var problemSection: String {
    guard problemCount > 0 else { return "<p>Nothing.</p>" }
    let counts = table(["kind", "number"], problemCounts.map { [words($0.kind), "\($0.count)"] })
    let shown = problems.prefix(Self.shownProblems)
    let rows = shown.map { [$0.place ?? "", $0.subject, words($0.kind), $0.detail] }
    let rest = problemCount > shown.count ? "<p>And \(problemCount - shown.count) more, see report.json.</p>" : ""
    return counts + table(["where", "what", "kind", "why"], rows) + rest
  }

  private var duplicateSection: String {
    guard !duplicates.isEmpty else { return "<p>No two photos have the same bytes.</p>" }
    let rows = duplicates.prefix(Self.shownProblems).map {
      [$0.photos.joined(separator: ", "), $0.splits.joined(separator: ", ")]
    }
    return "<p>\(duplicates.count) groups, \(leaks) of them in more than one split.</p>"
      + table(["photos", "splits"], rows)
  }

  private func words(_ kind: Problem.Kind) -> String { kind.rawValue.split(separator: "_").joined(separator: " ") }
}

/// A table whose cells are escaped; numbers stand at the right.
private func table(_ heading: [String], _ rows: [[String]]) -> String {
  let head = heading.isEmpty ? "" : "<tr>" + heading.map { "<th>\(escaped($0))</th>" }.joined() + "</tr>\n"
  let body = rows.map { row in
    let cells = row.map { cell in
      Int(cell) == nil ? "<td>\(escaped(cell))</td>" : "<td class=\"number\">\(cell)</td>"
    }
    return "<tr>" + cells.joined() + "</tr>"
  }
  return "<table>\n" + head + body.joined(separator: "\n") + "\n</table>"
}
