internal import Evaluation
internal import Inference
internal import Reporting

/// Searches with what was found, the nearest first: what is right has a thicker frame and says so.
struct SearchGrid {
  let shown: ShownSearches
  let pictures: [Int: Thumbnail]

  var html: String {
    """
    <div class="searches">
    \(shown.searches.map(row).joined(separator: "\n"))
    </div>
    """
  }

  private func row(_ search: ShownSearch) -> String {
    let found = search.found.enumerated().map { place, found in
      item(
        found.item, isRight: found.isRight, note: "\(place + 1) · \(decimals(Double(found.score), 3))",
        saysTheSame: found.saysTheSame)
    }
    let missed =
      search.isRightAmongFound
      ? "" : item(search.right, isRight: true, note: "\(search.rank) of \(search.among)", isApart: true)
    return """
      <section class="search"><div class="query">\(query(search))</div>
      <ol class="found">\(found.joined())\(missed)</ol></section>
      """
  }

  private func query(_ search: ShownSearch) -> String {
    let rank =
      search.rank == 1
      ? "<b class=\"mark\">✓ found first</b>"
      : "<b class=\"mark miss\">✗ \(search.rank) of \(search.among)</b>"
    let words = search.query.text.map { "<p class=\"asked\">“\(escaped($0))”</p>" } ?? picture(search.query)
    return words + "<p class=\"verdict\">\(rank)</p>"
  }

  private func item(
    _ item: ShownSearch.Item, isRight: Bool, note: String, saysTheSame: Bool = false, isApart: Bool = false
  ) -> String {
    let label = isRight ? "<b class=\"mark\">✓ right</b>" : saysTheSame ? "said of it, too" : ""
    let words = item.text.map { "<p class=\"said\">\(escaped($0))</p>" } ?? picture(item)
    return "<li class=\"\(isRight ? "hit" : "miss")\(isApart ? " apart" : "")\">\(words)"
      + "<p class=\"sure\">\(note) \(label)</p></li>"
  }

  private func picture(_ item: ShownSearch.Item) -> String {
    guard let picture = pictures[item.place] else { return "<div class=\"none\">\(escaped(item.name))</div>" }
    return
      "<img src=\"\(picture.address)\" width=\"\(picture.width)\" height=\"\(picture.height)\" alt=\"\(escaped(item.name))\">"
  }

  static let style = """
    .search { display: grid; grid-template-columns: minmax(8rem, 13rem) 1fr; gap: 1rem; padding: 0.8rem 0;
              border-top: 1px solid var(--edge); }
    .search .asked { margin: 0 0 0.3rem; font-weight: 600; overflow-wrap: anywhere; }
    .search img { display: block; width: 100%; height: auto; }
    .search .none { padding: 1rem 0.4rem; background: var(--soft); color: var(--quiet); text-align: center; font-size: 0.85rem;
                    overflow-wrap: anywhere; }
    .found { list-style: none; margin: 0; padding: 0; display: grid; gap: 0.6rem;
             grid-template-columns: repeat(6, minmax(0, 1fr)); align-items: start; }
    .found li { border: 1px solid var(--edge); border-radius: 0.4rem; overflow: hidden; }
    .found .hit { border: 3px solid var(--ours); }
    .found .apart { margin-left: 0.6rem; }
    .found .sure { font-size: 0.8rem; margin: 0.2rem 0.4rem; color: var(--quiet); font-variant-numeric: tabular-nums; }
    .found .mark { color: CanvasText; }
    .found .said { margin: 0.4rem; font-size: 0.9rem; overflow-wrap: anywhere; }
    @media (max-width: 60rem) { .found { grid-template-columns: repeat(auto-fill, minmax(7rem, 1fr)); } }
    @media (max-width: 40rem) { .search { grid-template-columns: 1fr; } .search .query img { max-width: 12rem; } }
    """
}
