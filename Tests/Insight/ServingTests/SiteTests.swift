import Files
import Foundation
import Reporting
import Serving
import TestSupport
import Testing

/// What is shown to somebody who may see it.
@Suite struct SiteTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func json(_ answer: String) throws -> [String: Any] {
    let body = try #require(answer.components(separatedBy: "\r\n\r\n").dropFirst().first)
    return try #require(try JSONSerialization.jsonObject(with: Data(body.utf8)) as? [String: Any])
  }

  // MARK: Runs

  @Test func runsAreListedAndShown() throws {
    try writeRun("one", in: directory("runs"))
    try writeRun("a study/<b>/seed 0", in: directory("runs"), losses: [2, 1])
    let site = try ServedSite(runs: directory("runs"))
    let list = try site.get("/runs")
    #expect(
      status(list) == 200 && list.contains("2 runs") && list.contains("href=\"/runs/a%20study/%3Cb%3E/seed%200\""))
    #expect(list.contains("a study/&lt;b&gt;/seed 0") && list.contains("<td>complete</td><td>3</td>"))
    let nested = try site.get("/runs/a%20study/%3Cb%3E/seed%200")
    #expect(status(nested) == 200 && nested.contains("loss: 2.000 at step 1, 1.000 at step 2"))
    #expect(nested.contains("<nav aria-label=\"Pages\">") && nested.contains("aria-current=\"page\">Runs"))
    let both = try site.get("/compare?run=one&run=a+study%2F%3Cb%3E%2Fseed+0&run=one")
    #expect(status(both) == 200 && both.contains("<h1>2 runs</h1>"))
    #expect(try status(site.get("/compare")) == 422 && status(site.get("/compare?run=three")) == 404)
    let names = try (json(site.get("/api/runs"))["runs"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
    #expect(names == ["a study/<b>/seed 0", "one"])
    let report = try json(site.get("/runs/one", "Accept: application/json\r\n"))
    #expect((report["runs"] as? [[String: Any]])?.first?["steps"] as? Int == 3)
  }

  /// A study is shown by the page that it has written, its runs among all others.
  @Test func studiesAreListedAndShown() throws {
    try writeRun("s/joins/runs/late-0", in: directory("runs"))
    for (file, text) in [
      ("plan.yaml", "name: joins"), ("study.html", "<h1>joins</h1>"), ("study.json", "{\"format\": 1}"),
    ] {
      try writeAtomically(text.utf8, to: directory("runs/s/joins/" + file))
    }
    let site = try ServedSite(runs: directory("runs"))
    let list = try site.get("/runs")
    #expect(list.contains("href=\"/studies/s/joins\"") && list.contains("href=\"/runs/s/joins/runs/late-0\""))
    let page = try site.get("/studies/s/joins")
    #expect(status(page) == 200 && page.hasSuffix("<h1>joins</h1>") && page.contains("script") == false)
    #expect(page.contains("Content-Security-Policy: default-src 'none'"))
    #expect(try json(site.get("/api/studies/s/joins"))["format"] as? Int == 1)
    #expect(try json(site.get("/api/runs"))["studies"] as? [String] == ["s/joins"])
    for name in ["/studies", "/studies/joins", "/studies/s/joins/plan.yaml", "/studies/s/joins/runs/late-0"] {
      #expect(try status(site.get(name)) == 404, "\(name)")
    }
    try writeAtomically("secret".utf8, to: directory("outside"))
    try removeTree(directory("runs/s/joins/study.html"))
    try FileManager.default.createSymbolicLink(
      atPath: directory("runs/s/joins/study.html"), withDestinationPath: directory("outside"))
    #expect(try status(site.get("/studies/s/joins")) == 403)
  }

  /// A run that has grown is read anew.
  @Test func runsGrow() throws {
    try writeRun("one", in: directory("runs"))
    let site = try ServedSite(runs: directory("runs"))
    #expect(try site.get("/runs").contains("<td>3</td>"))
    try writeRun("one", in: directory("runs"), losses: [5, 4, 3, 2])
    #expect(try site.get("/runs").contains("<td>4</td>"))
  }

  /// A directory that is a run itself, one with no run yet, and logs that are none.
  @Test func oddDirectories() throws {
    try writeRun("one", in: directory("runs"))
    let own = try ServedSite(runs: directory("runs/one"))
    #expect(try own.get("/runs").contains("href=\"/runs/one\"") && status(own.get("/runs/one")) == 200)
    try makeDirectory(directory("none/broken"))
    let none = try ServedSite(runs: directory("none"))
    #expect(try none.get("/runs").contains("There is none yet"))
    try writeAtomically("no json\n".utf8, to: directory("none/broken/metrics.jsonl"))
    #expect(try none.get("/runs").contains("1 of its lines are no events"))
    #expect(try status(none.get("/runs/broken")) == 422)
    #expect(throws: FileError.self) { try ServedSite(runs: directory("nowhere")) }
  }

  // MARK: Every page

  @Test func pagesMayDoNothing() throws {
    try writeRun("one", in: directory("runs"))
    let site = try ServedSite(runs: directory("runs"))
    for address in ["/", "/runs", "/runs/one", "/nothing", "/api/runs"] {
      let head = try site.get(address).components(separatedBy: "\r\n\r\n")[0]
      for field in [
        "Content-Security-Policy: default-src 'none'; img-src data:; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options: nosniff", "Referrer-Policy: same-origin", "Cache-Control: no-store",
      ] {
        #expect(head.contains("\r\n\(field)\r\n"), "\(address) lacks \(field)")
      }
    }
  }

  /// HEAD says what GET would, and sends none of it.
  @Test func headsAlone() throws {
    try writeRun("one", in: directory("runs"))
    let site = try ServedSite(runs: directory("runs"))
    for address in ["/runs", "/runs/one", "/nothing"] {
      let whole = try site.get(address).components(separatedBy: "\r\n\r\n")
      let alone = try site.get(address, method: "HEAD").components(separatedBy: "\r\n\r\n")
      func length(_ head: String) -> Int? { head.firstMatch(of: /Content-Length: (\d+)/).flatMap { Int($0.1) } }
      #expect(alone.count == 2 && alone[1].isEmpty && status(alone[0]) == status(whole[0]))
      #expect(length(alone[0]) == length(whole[0]) && length(whole[0]) ?? 0 > 100)
    }
  }

  @Test func aThousandRequests() throws {
    try writeRun("one", in: directory("runs"))
    let site = try ServedSite(runs: directory("runs"), limits: ServerLimits())
    let wrong = try (0..<8).map { _ in
      let client = try TalkingClient(port: site.port)
      return (0..<125).count { _ in
        client.say("GET /runs HTTP/1.1\r\n\(site.fields)\r\n")
        return status(client.hearAnswer()) != 200
      }
    }
    #expect(wrong == Array(repeating: 0, count: 8) && site.server.counts.answered.all == 1000)
  }

  /// Whoever is silent meanwhile does not hold up the end.
  @Test func theEnd() throws {
    try writeRun("one", in: directory("runs"))
    var limits = ServedSite.hasty
    limits.idleSeconds = 60
    let site = try ServedSite(runs: directory("runs"), limits: limits)
    let waiting = try TalkingClient(port: site.port)
    #expect(try status(site.get("/runs")) == 200)
    let start = ContinuousClock.now
    site.stop()
    #expect(waiting.hearAll() == "" && ContinuousClock.now - start < .seconds(10))
  }

  @Test func placesThatCannotBeHad() throws {
    let one = try Listener(host: "127.0.0.1", port: 0)
    let taken = #expect(throws: ServingError.self) { try Listener(host: "127.0.0.1", port: one.port) }
    #expect(taken?.exitCode == .network && taken?.description.contains("in use") == true)
    #expect(throws: ServingError.noAddress(host: "example.org")) { try Listener(host: "example.org", port: 0) }
    #expect(throws: ServingError.self) { try Listener(host: "192.0.2.1", port: 0) }
    #expect(one.address == "http://127.0.0.1:\(one.port)" && one.isOfThisMachine)
  }
}
