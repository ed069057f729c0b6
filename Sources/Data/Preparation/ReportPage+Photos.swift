internal import Reporting

/// The parts of the page that show photos.
extension ReportPage {
  /// What was left out: how much of each kind, the photos as far as they can be seen, then rows.
  var problemSection: String {
    guard report.problemCount > 0 else { return "<p>Nothing.</p>" }
    let chips = report.problemCounts.map { "<li><b>\(grouped($0.count))</b> \(escaped($0.kind.words))</li>" }
    let photos = report.problems.filter { $0.kind.problemClass == .photo }
    let rows = report.problems.filter { $0.kind.problemClass != .photo }
    var section = "<ul class=\"chips\">" + chips.joined() + "</ul>\n"
    if !photos.isEmpty { section += gallery(photos.prefix(Self.shownPhotos).map(card)) }
    section += more(photos.count, Self.shownPhotos, "photos")
    if !rows.isEmpty {
      let cells = rows.prefix(Self.shownRows).map { [$0.place ?? "", $0.subject, $0.kind.words, $0.detail] }
      section += "<h3>Rows</h3>\n" + table(["where", "what", "reason", "in detail"], cells)
    }
    return section + more(rows.count, Self.shownRows, "rows")
  }

  /// Photos that are in the set although they are damaged.
  var damageSection: String {
    guard !report.acceptedDamage.isEmpty else { return "" }
    return "<h2>Taken although damaged</h2>\n" + gallery(report.acceptedDamage.prefix(Self.shownPhotos).map(card))
      + more(report.acceptedDamage.count, Self.shownPhotos, "photos")
  }

  /// Groups of photos with the same bytes, side by side; leaks stand first.
  var duplicateSection: String {
    guard !report.duplicates.isEmpty else { return "<p>No two photos have the same bytes.</p>" }
    let groups = report.duplicates.prefix(Self.shownDuplicates).map { group in
      let leaks = group.splits.count > 1
      let cards = zip(zip(group.photos, group.files), group.photoSplits).prefix(4).map { photo, split in
        figure(picture: pictures[photo.1], gone: "no picture", title: photo.0, badge: split, detail: photo.1)
      }
      let rest = group.photos.count > 4 ? "<p class=\"quiet\">and \(group.photos.count - 4) more</p>" : ""
      let heading = leaks ? "in more than one split" : "in one split"
      return "<section class=\"group\(leaks ? " leak" : "")\"><h3>\(group.photos.count) copies \(heading)</h3>"
        + "<div class=\"gallery\">\(cards.joined())</div>\(rest)</section>"
    }
    return
      "<p>\(grouped(report.duplicates.count)) groups, \(grouped(report.leaks)) of them in more than one split.</p>\n"
      + groups.joined(separator: "\n") + more(report.duplicates.count, Self.shownDuplicates, "groups")
  }

  private func card(_ problem: Problem) -> String {
    figure(
      picture: pictures[problem.file], gone: problem.kind.words,
      title: problem.subject.isEmpty ? problem.place ?? "" : problem.subject, badge: problem.kind.words,
      detail: problem.detail)
  }

  /// - Parameter gone: what to say where there is no picture.
  private func figure(picture: String?, gone: String, title: String, badge: String, detail: String) -> String {
    let image =
      picture.map { "<img alt=\"\" src=\"\($0)\">" } ?? "<div class=\"gone\">\(escaped(gone))</div>"
    return "<figure>\(image)<figcaption><b title=\"\(escaped(title))\">\(escaped(title))</b>"
      + "<span class=\"badge\">\(escaped(badge))</span><small>\(escaped(detail))</small></figcaption></figure>\n"
  }

  private func gallery(_ figures: [String]) -> String { "<div class=\"gallery\">\n\(figures.joined())</div>\n" }

  private func more(_ count: Int, _ shown: Int, _ what: String) -> String {
    count <= shown
      ? ""
      : "<p class=\"quiet\">And \(grouped(count - shown)) more \(what), see report.json and quarantine.jsonl.</p>\n"
  }

  static let style = """
    :root { --bad: #b3261e; --soft: #b3261e14; }
    @media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --soft: #ff8a8022; } }
    main { max-width: 70rem; }
    h1 { font-size: 1.7rem; margin: 0; overflow-wrap: anywhere; }
    h2 { font-size: 1.2rem; margin: 2.5rem 0 0.6rem; border-bottom: 1px solid var(--edge); padding-bottom: 0.3rem; }
    h3 { font-size: 1rem; margin: 1.2rem 0 0.5rem; }
    .quiet { color: var(--quiet); margin: 0.2rem 0 0.8rem; overflow-wrap: anywhere; }
    .warning { background: var(--soft); border-left: 4px solid var(--bad); padding: 0.6rem 0.9rem; border-radius: 0.3rem; }
    ul.figures, ul.chips { list-style: none; display: flex; flex-wrap: wrap; gap: 0.7rem; padding: 0; margin: 1.2rem 0; }
    .figures li { border: 1px solid var(--edge); border-radius: 0.6rem; padding: 0.6rem 1rem; color: var(--quiet); }
    .figures b { display: block; font-size: 1.5rem; color: CanvasText; font-variant-numeric: tabular-nums; }
    .figures li.bad b { color: var(--bad); }
    .chips li { background: var(--soft); border-radius: 1rem; padding: 0.1rem 0.8rem; font-size: 0.9rem; }
    .wide { overflow-x: auto; }
    table { border-collapse: collapse; margin: 0.4rem 0 1rem; font-size: 0.95rem; }
    th, td { text-align: left; padding: 0.25rem 1.4rem 0.25rem 0; border-bottom: 1px solid var(--edge);
             vertical-align: top; overflow-wrap: anywhere; }
    th { color: var(--quiet); font-weight: 500; }
    .number { text-align: right; font-variant-numeric: tabular-nums; }
    blockquote { margin: 0.5rem 0 1rem; padding: 0.5rem 0.9rem; border-left: 4px solid var(--edge); overflow-wrap: anywhere; }
    .gallery { display: grid; gap: 0.9rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
    figure { margin: 0; border: 1px solid var(--edge); border-radius: 0.5rem; overflow: hidden; }
    figure img, .gone { display: block; width: 100%; aspect-ratio: 4 / 3; object-fit: contain; background: var(--edge); }
    .gone { display: grid; place-items: center; color: var(--quiet); text-align: center; font-size: 0.9rem; }
    figcaption { padding: 0.5rem 0.7rem; font-size: 0.85rem; }
    figcaption b { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
    figcaption small { display: block; color: var(--quiet); line-height: 1.35; margin-top: 0.25rem;
                       overflow-wrap: anywhere; }
    .badge { display: inline-block; background: var(--edge); border-radius: 0.3rem; padding: 0 0.4rem; }
    .group { border: 1px solid var(--edge); border-radius: 0.6rem; padding: 0 1rem 1rem; margin-bottom: 1rem; }
    .group.leak { border-color: var(--bad); }
    .group.leak h3, .leak .badge { color: var(--bad); }
    """
}
