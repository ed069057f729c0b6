internal import Reporting
internal import Reports

/// The runs below a directory, each as its report, and several in one.
struct RunPages {
  let shelf: RunShelf
  let frame: HTMLFrame

  /// Seconds after which a browser takes a page anew while a run goes on.
  private static let refresh = 10

  // MARK: The list

  func list(asJSON: Bool) -> Response {
    let listing = shelf.listing()
    let runs = listing.entries.map(shelf.summary)
    guard !asJSON else { return .json(document(listing, runs).document) }
    let content = """
      <h1>Runs</h1>
      <p class="quiet">\(escaped(shelf.path)), \(runs.count) run\(runs.count == 1 ? "" : "s")\(left(listing))</p>
      \(studies(listing))
      \(runs.isEmpty ? "<p>There is none yet: a run is a directory that mmtrain train has written to.</p>" : table(runs))
      """
    let isGoingOn = runs.contains(where: \.isRunning)
    return .html(wordPage("Runs", content, frame, refresh: isGoingOn ? Self.refresh : nil))
  }

  private func document(_ listing: RunShelf.Listing, _ runs: [RunSummary]) -> OrderedJSON {
    .object([
      ("directory", .text(shelf.path)), ("runs", .list(runs.map(\.document))),
      ("studies", .list(listing.studies.map { .text($0.name) })), ("links", .integer(listing.links)),
      ("complete", .flag(!listing.isCut)),
    ])
  }

  private func studies(_ listing: RunShelf.Listing) -> String {
    guard !listing.studies.isEmpty else { return "" }
    let items = listing.studies.map { study in
      "<li><a href=\"\(address(of: study.name, below: "studies"))\">\(escaped(study.name))</a></li>"
    }
    return "<h2>Studies</h2>\n<ul>\(items.joined())</ul>\n<h2>All runs</h2>"
  }

  private func left(_ listing: RunShelf.Listing) -> String {
    (listing.links > 0 ? "; \(listing.links) links are not followed" : "")
      + (listing.isCut ? "; there is more than is looked through here, so name a directory further down" : "")
  }

  private func table(_ runs: [RunSummary]) -> String {
    let rows = runs.enumerated().map { number, run in
      """
      <tr><td><input type="checkbox" name="run" value="\(escaped(run.name))" aria-labelledby="run\(number)"></td>\
      <th scope="row"><a id="run\(number)" href="\(address(of: run.name))">\(escaped(run.name))</a></th>\
      <td>\(escaped(run.state))</td><td>\(run.steps.map { "\($0)" } ?? "")</td>\
      <td>\(run.seconds > 0 ? escaped(durationText(run.seconds)) : "")</td></tr>
      """
    }
    return """
      <form class="ask" action="/compare">
      <div class="wide"><table>
      <thead><tr><th scope="col">Compare</th><th scope="col">Run</th><th scope="col">is</th><th scope="col">steps</th><th scope="col">time</th></tr></thead>
      <tbody>
      \(rows.joined(separator: "\n"))
      </tbody></table></div>
      <p><button>Compare those chosen</button> <span class="quiet">up to \(RunPage.mostRuns)</span></p>
      </form>
      """
  }

  private func address(of run: String, below place: String = "runs") -> String {
    "/\(place)/" + run.split(separator: "/").map { addressed(String($0)) }.joined(separator: "/")
  }

  // MARK: Reports

  /// The page that a study has written, or its numbers.
  func study(_ name: String, asJSON: Bool) throws -> Response {
    let bytes = try shelf.study(named: name, file: asJSON ? "study.json" : "study.html")
    let text = String(decoding: bytes, as: UTF8.self)
    return asJSON ? .json(text) : .html(text)
  }

  /// - Parameter names: of a listing; each once.
  func report(_ names: [String], asJSON: Bool) throws -> Response {
    guard !names.isEmpty else {
      throw Refusal(.unprocessableContent, "No run is chosen; choose some in the list of runs.")
    }
    guard names.count <= RunPage.mostRuns else {
      throw Refusal(
        .unprocessableContent, "More than \(RunPage.mostRuns) runs cannot be told apart on a page; choose fewer.")
    }
    let different = names.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    let runs = try different.map(shelf.run)
    var page = RunPage(runs)
    if asJSON { return .json(page.document.document) }
    page.refresh = runs.contains { $0.history.state == .running } ? Self.refresh : nil
    page.frame = frame
    return .html(page.html)
  }
}
