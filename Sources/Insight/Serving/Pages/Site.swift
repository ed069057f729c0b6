internal import Reporting
internal import Reports

/// What a server shows: runs, a collection that is searched, a model that is asked, each where it was named.
package struct Site: RequestHandler {
  private let gate: AccessGate
  private let runs: RunPages?
  private let search: PhotoSearch?
  private let predictions: ModelPredictions?
  private let frame: SiteFrame

  /// - Parameter runs: a directory.
  /// - Throws: `FileError` where there is no such directory.
  package init(_ gate: AccessGate, runs: String?, search: PhotoSearch?, predictions: ModelPredictions?) throws {
    (self.gate, self.search, self.predictions) = (gate, search, predictions)
    let parts: [(SitePart, Bool)] = [(.runs, runs != nil), (.search, search != nil), (.predict, predictions != nil)]
    let frame = SiteFrame(parts: parts.filter(\.1).map(\.0))
    self.frame = frame
    self.runs = try runs.map { RunPages(shelf: try RunShelf($0), frame: frame.html(.runs)) }
  }

  // MARK: Before the body

  package func admit(_ head: RequestHead) throws(Refusal) -> Response? {
    if let way = try gate.admit(head) { return way }
    let place = try place(of: head)
    let allowed = place.takesForms ? ["GET", "HEAD", "POST"] : ["GET", "HEAD"]
    guard allowed.contains(head.method) else { throw .notAllowed(head.method, allowed: allowed) }
    return nil
  }

  /// What an address means here.
  private enum Place {
    case first, runs, compare
    case run(String)
    case study(String)
    case search(PhotoSearch)
    case predict(ModelPredictions)

    var takesForms: Bool {
      switch self {
      case .search, .predict: true
      case .first, .runs, .compare, .run, .study: false
      }
    }
  }

  /// The same below `/api`, where answers are JSON.
  private func place(of head: RequestHead) throws(Refusal) -> Place {
    let path = head.path.first == "api" ? head.path.dropFirst() : head.path[...]
    switch (path.first, path.count) {
    case (nil, _): return .first
    case ("runs", 1) where runs != nil: return .runs
    case ("runs", _) where runs != nil: return .run(path.dropFirst().joined(separator: "/"))
    case ("studies", 2...) where runs != nil: return .study(path.dropFirst().joined(separator: "/"))
    case ("compare", 1) where runs != nil: return .compare
    case ("search", 1): if let search { return .search(search) }
    case ("predict", 1): if let predictions { return .predict(predictions) }
    default: break
    }
    throw .notFound("page of that name")
  }

  private func wantsJSON(_ head: RequestHead?) -> Bool {
    guard let head else { return false }
    if head.path.first == "api" { return true }
    let kinds = head.values("accept").joined(separator: ",").lowercased()
    return kinds.contains("application/json") && !kinds.contains("text/html")
  }

  // MARK: Answers

  package func answer(_ head: RequestHead, body: [UInt8]) throws(Refusal) -> Response {
    do {
      return try page(head, body)
    } catch let refusal as Refusal {
      throw refusal
    } catch let error as any ReportableError {
      throw Refusal(error)
    } catch {
      throw Refusal(.internalServerError, "This is a mistake in mmtrain: please report it with what you asked.")
    }
  }

  private func page(_ head: RequestHead, _ body: [UInt8]) throws -> Response {
    let asJSON = wantsJSON(head)
    let form = head.method == "POST" ? try MultipartForm(body, kind: head.value("content-type")) : nil
    switch try place(of: head) {
    case .first: return first(asJSON: asJSON)
    case .runs: return try pages().list(asJSON: asJSON)
    case .run(let name): return try pages().report([name], asJSON: asJSON)
    case .study(let name): return try pages().study(name, asJSON: asJSON)
    case .compare:
      return try pages().report(head.query.filter { $0.name == "run" }.map(\.value), asJSON: asJSON)
    case .search(let search):
      return try form.map { try search.asked($0, frame, asJSON: asJSON) }
        ?? search.asked(head, frame, asJSON: asJSON)
    case .predict(let model):
      return try form.map { try model.asked($0, frame, asJSON: asJSON) } ?? model.asked(head, frame, asJSON: asJSON)
    }
  }

  private func pages() throws(Refusal) -> RunPages {
    guard let runs else { throw .notFound("page of runs") }
    return runs
  }

  private func first(asJSON: Bool) -> Response {
    let words = [
      SitePart.runs: "how each run stands, its curves, what went wrong, how it was set",
      .search: "the photos of a collection that are nearest to a text or to a photo",
      .predict: "what a model says of a photo or a text",
    ]
    if asJSON {
      return .json(OrderedJSON.object([("pages", .list(frame.parts.map { .text("/api" + $0.address) }))]).document)
    }
    let items = frame.parts.map { part in
      "<li><a href=\"\(part.address)\">\(part.title)</a>: \(words[part] ?? "")</li>"
    }
    return .html(
      wordPage("mmtrain", "<h1>mmtrain</h1>\n<ul>\n\(items.joined(separator: "\n"))\n</ul>", frame.html(nil)))
  }

  /// The words of a refusal; its links stand there for those alone who may follow them.
  package func page(of refusal: Refusal, for head: RequestHead?) -> Response {
    let status = refusal.status
    var response: Response
    if wantsJSON(head) {
      let error = OrderedJSON.object([("status", .integer(status.rawValue)), ("message", .text(refusal.message))])
      response = .json(OrderedJSON.object([("error", error)]).document, status)
    } else {
      let isInside = [.notFound, .unprocessableContent, .methodNotAllowed, .unsupportedMediaType].contains(status)
      let frame = isInside ? frame : SiteFrame(parts: [])
      let content = "<h1>\(status.phrase)</h1>\n<p>\(escaped(refusal.message))</p>"
      response = .html(wordPage("\(status.phrase) · mmtrain", content, frame.html(nil)), status)
    }
    response.fields += refusal.fields
    return response
  }
}
