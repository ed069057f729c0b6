internal import Reporting

/// `report.html`: the report for reading. Everything from outside is escaped.
struct ReportPage {
  let report: PreparationReport
  let pictures: ReportPictures

  /// Photos, rows and groups of copies shown on the page; `report.json` and `quarantine.jsonl` have more.
  static let shownPhotos = 200
  static let shownRows = 500
  static let shownDuplicates = 40

  func html() -> String {
    HTMLPage(title: report.name + ": preparation report", style: Self.style, content: content).text
  }

  private var content: String {
    """
    <header><h1>\(escaped(report.name))</h1><p class="quiet">made from \(escaped(report.source))</p></header>
    \(figures)
    \(warnings)
    <h2>Splits</h2>
    \(splitSection)
    <h2>Captions</h2>
    \(captionSection)
    \(columnSources)
    \(pairSection)
    <h2>Left out</h2>
    \(problemSection)
    \(damageSection)
    <h2>Photos with the same bytes</h2>
    \(duplicateSection)
    \(groupSection)
    <h2>Where it comes from</h2>
    \(origin)
    """
  }

  private var figures: String {
    let photos = report.splits.reduce(0) { $0 + $1.photos }
    let captions = report.splits.reduce(0) { $0 + $1.captions }
    let facts = [
      (photos, "photos", ""), (captions, "captions", ""), (report.problemCount, "left out", "bad"),
      (report.duplicates.count, "groups of copies", "bad"), (report.leaks, "leaks between splits", "bad"),
    ]
    let items = facts.map { number, name, kind in
      "<li class=\"\(number > 0 ? kind : "")\"><b>\(grouped(number))</b> \(name)</li>"
    }
    return "<ul class=\"figures\">" + items.joined() + "</ul>"
  }

  private var warnings: String {
    report.warnings.map { "<p class=\"warning\">\(escaped($0))</p>" }.joined(separator: "\n")
  }

  private var splitSection: String {
    let rows = report.splits.map { [$0.name, grouped($0.photos), grouped($0.captions)] }
    var section =
      "<p class=\"quiet\">Decided by \(escaped(report.splitSource)).</p>\n"
      + table(["split", "photos", "captions"], rows) + columnSection
    if !report.expectations.isEmpty {
      let rows = report.expectations.map { [$0.what, grouped($0.expected), grouped($0.found), words($0.verdict)] }
      section +=
        "\n<h3>Beside the numbers the set is known for</h3>\n" + table(["what", "expected", "found", ""], rows)
    }
    return section
  }

  private func words(_ verdict: Expectation.Verdict) -> String {
    switch verdict {
    case .asExpected: "✓ as expected"
    case .fewer: "fewer"
    case .more: "more"
    }
  }

  private var captionSection: String {
    let rows = report.captionSources.map { source in
      [source.file, source.layout, grouped(source.rows), verdict(source)]
    }
    let counts = report.captionCounts.map { ["\($0.captions)", grouped($0.photos)] }
    return reading + table(["file", "layout", "rows", "taken"], rows) + "\n"
      + table(["captions a photo", "photos"], counts)
  }

  /// How the file was understood, and its first row: the quickest way to see a wrong delimiter.
  private var reading: String {
    guard let taken = report.captionSources.first, let reading = taken.reading else { return "" }
    let change =
      reading.delimiter == nil
      ? "" : " <span class=\"quiet\">If that is wrong: --caption-columns, --caption-delimiter.</span>"
    return "<p>Read from \(escaped(taken.words)).\(change)</p>\n<blockquote><b>\(escaped(reading.firstPhoto))</b> "
      + "\(escaped(reading.firstCaption))</blockquote>\n"
  }

  private func verdict(_ source: PreparationReport.CaptionSource) -> String {
    source.agrees.map { $0 ? "no; it agrees" : "no; it differs: \(source.difference ?? "")" } ?? "yes"
  }

  private var pairSection: String {
    guard let pairs = report.pairs else { return "" }
    return "<h2>Labelled pairs</h2>\n"
      + table(
        ["file", "rows", "match", "no match"],
        [[pairs.file, grouped(pairs.rows), grouped(pairs.matching), grouped(pairs.notMatching)]])
  }

  private var origin: String {
    var facts = [("source", report.source), ("photos in the source", grouped(report.photosFound))]
    if report.photosNotListed > 0 {
      facts.append(("photos left out by the caption or split files", grouped(report.photosNotListed)))
    }
    if let digest = report.sourceDigest { facts.append(("SHA-256", digest)) }
    if let licence = report.licence { facts.append(("licence", licence)) }
    facts.append(("tokenizer", report.tokenizer))
    facts += report.passedOver.map { ("passed over", $0) }
    facts += report.notes.map { ("note", $0) }
    return table([], facts.map { [$0.0, $0.1] })
  }
}

/// A table whose cells are escaped; numbers stand at the right.
func table(_ heading: [String], _ rows: [[String]]) -> String {
  let isNumber = heading.indices.map { column in
    !rows.isEmpty && rows.allSatisfy { $0[column].utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x2C } }
  }
  func cell(_ tag: String, _ text: String, _ column: Int) -> String {
    let number = isNumber.indices.contains(column) && isNumber[column] ? " class=\"number\"" : ""
    return "<\(tag)\(number)>\(escaped(text))</\(tag)>"
  }
  func row(_ tag: String, _ cells: [String]) -> String {
    "<tr>" + cells.enumerated().map { cell(tag, $1, $0) }.joined() + "</tr>"
  }
  let head = heading.isEmpty ? [] : [row("th", heading)]
  return "<div class=\"wide\"><table>\n" + (head + rows.map { row("td", $0) }).joined(separator: "\n")
    + "\n</table></div>"
}

/// A number with commas between thousands.
func grouped(_ number: Int) -> String {
  var digits = Array(String(number.magnitude))
  var place = digits.count - 3
  while place > 0 {
    digits.insert(",", at: place)
    place -= 3
  }
  return (number < 0 ? "-" : "") + String(digits)
}
