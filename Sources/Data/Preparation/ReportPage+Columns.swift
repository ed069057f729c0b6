internal import Batching

/// Columns other than captions on the page.
extension ReportPage {
  /// What each split has of each column, with the photos that have it; nothing where there are captions alone.
  var columnSection: String {
    let counts = report.splits.flatMap { split in split.columns.map { (split: split.name, count: $0) } }
    guard counts.contains(where: { ![.image, .captions].contains($0.count.column) }) else { return "" }
    let rows = counts.map { [$0.split, $0.count.column.name, grouped($0.count.samples), grouped($0.count.values)] }
    return "\n<h3>Columns</h3>\n" + table(["split", "column", "photos", "values"], rows)
  }

  /// The files that were read for them.
  var columnSources: String {
    guard !report.columnSources.isEmpty else { return "" }
    let rows = report.columnSources.map { [$0.file, $0.layout, grouped($0.rows)] }
    return "<h2>Questions, labels, texts, boxes and regions</h2>\n" + table(["file", "layout", "rows"], rows)
  }

  /// Groups that the splits divide; nothing where there are none.
  var groupSection: String {
    guard report.dividedGroupCount > 0 else { return "" }
    let shown = report.dividedGroups.prefix(Self.shownRows)
    let rows = shown.map { group in
      [group.group, group.splits.map { "\($0.photos) in \($0.name)" }.joined(separator: ", ")]
    }
    let rest = report.dividedGroupCount - shown.count
    return "<h2>Groups in several splits</h2>\n" + table(["group", "photos"], rows)
      + (rest > 0 ? "<p class=\"quiet\">and \(grouped(rest)) more in report.json</p>" : "")
  }
}
