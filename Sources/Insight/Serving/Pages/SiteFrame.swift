internal import Reporting

/// What there is to be seen on a site, in the order of its links.
enum SitePart: String, CaseIterable {
  case runs, search, predict

  var title: String {
    switch self {
    case .runs: "Runs"
    case .search: "Search"
    case .predict: "Predictions"
    }
  }

  var address: String { "/" + rawValue }
}

/// What stands above every page of a site: the ways to the others, and what can be asked here.
struct SiteFrame {
  let parts: [SitePart]

  /// - Parameters:
  ///   - current: whose page it is.
  ///   - form: what can be asked there, as it stands in HTML.
  func html(_ current: SitePart?, form: String = "") -> HTMLFrame {
    let links = parts.map { part in
      "<li><a href=\"\(part.address)\"\(part == current ? " aria-current=\"page\"" : "")>\(part.title)</a></li>"
    }
    return HTMLFrame(
      style: Self.style,
      top: """
        <header class="site"><nav aria-label="Pages"><ul><li><a href="/"\(current == nil ? " aria-current=\"page\"" : "")>mmtrain</a></li>\(links.joined())</ul></nav>
        \(form)</header>
        """)
  }

  private static let style = """
    .site { max-width: 80rem; margin: 0 auto; padding: 1rem 1rem 0; }
    .site ul { list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; margin: 0; padding: 0 0 0.6rem; border-bottom: 1px solid var(--edge); }
    .site a[aria-current] { font-weight: 600; text-decoration: none; color: inherit; }
    .site form { display: flex; flex-wrap: wrap; gap: 0.6rem 1rem; align-items: end; margin: 1rem 0 0; }
    .site label { display: grid; gap: 0.15rem; font-size: 0.9rem; min-width: 0; }
    .site label.long { flex: 1 1 18rem; }
    .site input, .site textarea, .site button, .ask button { font: inherit; padding: 0.35rem 0.5rem; border: 1px solid GrayText; border-radius: 0.4rem; }
    .site input[type="number"] { width: 5.5rem; }
    .site button, .ask button { cursor: pointer; padding: 0.35rem 1rem; }
    .site input, .site textarea { max-width: 100%; box-sizing: border-box; }
    """
}

/// A page of words.
func wordPage(_ title: String, _ content: String, _ frame: HTMLFrame, refresh: Int? = nil) -> String {
  let style = """
    main { max-width: 80rem; }
    .quiet { color: var(--quiet); }
    table { border-collapse: collapse; font-size: 0.95rem; }
    th, td { text-align: left; padding: 0.25rem 1rem 0.25rem 0; border-bottom: 1px solid var(--edge); vertical-align: top; overflow-wrap: anywhere; }
    .wide { overflow-x: auto; }
    """
  return HTMLPage(title: title, style: style, content: content, refresh: refresh, frame: frame).text
}
