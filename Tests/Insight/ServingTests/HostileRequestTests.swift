import Foundation
import Serving
import TestSupport
import Testing

/// What is sent to break a server: each is answered or ended in time, and a good request is answered afterwards.
@Suite struct HostileRequestTests {
  private let directory: TemporaryDirectory
  private let site: ServedSite

  init() throws {
    directory = try TemporaryDirectory()
    try writeRun("one", in: directory("runs"))
    site = try ServedSite(runs: directory("runs"))
  }

  /// - Returns: what came back until the server ended the connection.
  private func say(_ text: String, ends: Bool = false) throws -> String {
    let client = try TalkingClient(port: site.port)
    client.say(text)
    if ends { client.endSaying() }
    return client.hearAll()
  }

  private func isWell() throws -> Bool { try status(site.get("/runs")) == 200 }

  @Test(arguments: [
    ("GET /runs\r\n", 400), ("GET /runs HTTP/1.1 \r\n", 400), ("GET  /runs HTTP/1.1\r\n", 400),
    ("G(T /runs HTTP/1.1\r\n", 400), ("GET /runs HTTP/2.0\r\n", 505), ("GET /runs HTTPS\r\n", 400),
    ("GET http://127.0.0.1/runs HTTP/1.1\r\n", 400), ("GET runs HTTP/1.1\r\n", 400),
    ("GET /r\u{1}uns HTTP/1.1\r\n", 400),
    ("GET /runs HTTP/1.1\nX: y\r\n", 400), ("GET /runs HTTP/1.1\r\nX : y\r\n", 400),
    ("GET /runs HTTP/1.1\r\n folded\r\n", 400),
    ("GET /runs HTTP/1.1\r\nX: a\u{0}b\r\n", 400), ("GET /runs HTTP/1.1\r\nX: a\rb\r\n", 400),
    ("\r\nGET /runs HTTP/1.1\r\n", 400),
    ("GET /runs HTTP/1.1\r\nHost: other\r\n", 400), ("\u{16}\u{3}\u{1}\u{2}\r\n\r\n", 400),
  ])
  func headsThatAreNone(_ head: String, _ code: Int) throws {
    #expect(status(try say(head + site.fields + "\r\n")) == code)
    #expect(try isWell())
  }

  @Test func headsWithoutEnd() throws {
    let client = try TalkingClient(port: site.port)
    client.say("GET /runs?" + String(repeating: "a", count: 20_000))
    #expect(status(client.hearAll()) == 414)
    let fields = String(repeating: "X: " + String(repeating: "b", count: 5_000) + "\r\n", count: 4)
    #expect(status(try say("GET /runs HTTP/1.1\r\n" + fields)) == 431)
    let many = String(repeating: "X: y\r\n", count: 150)
    #expect(status(try say("GET /runs HTTP/1.1\r\n" + many + "\r\n")) == 431)
    let endless = try TalkingClient(port: site.port)
    var bytes = 0
    endless.say("GET /runs HTTP/1.1\r\n")
    while endless.say(String(repeating: "X: y\r\n", count: 1000)), bytes < 100_000_000 { bytes += 6000 }
    #expect(bytes < 100_000_000, "somebody takes a head without end")
    #expect(try isWell())
  }

  /// A byte now and then holds nobody for longer than the time that a head has.
  @Test func slowClients() throws {
    let start = ContinuousClock.now
    let slow = try TalkingClient(port: site.port)
    for byte in Array("GET /runs HTTP/1.1\r\nHost: 127".utf8) {
      guard slow.say([byte]) else { break }
      Thread.sleep(forTimeInterval: 0.05)
    }
    #expect(status(slow.hearAll()) == 408)
    let silent = try TalkingClient(port: site.port)
    #expect(silent.hearAll() == "")
    #expect(ContinuousClock.now - start < .seconds(8))
    #expect(try isWell())
  }

  @Test(arguments: [
    ("Content-Length: 1000000000\r\n", 413), ("Content-Length: 99999999999999999999999\r\n", 413),
    ("Content-Length: -1\r\n", 400),
    ("Content-Length: 0x10\r\n", 400), ("Content-Length: 1\r\nContent-Length: 2\r\n", 400), ("", 411),
    ("Transfer-Encoding: chunked\r\n", 411), ("Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", 400),
  ])
  func bodiesThatAreNone(_ fields: String, _ code: Int) throws {
    let search = try ServedSite(predictions: try answers())
    let client = try TalkingClient(port: search.port)
    client.say("POST /predict HTTP/1.1\r\n\(search.fields)\(fields)\r\n")
    // The body comes all the same.
    for _ in 0..<100 where client.say(String(repeating: "5\r\nhello\r\n", count: 1000)) {}
    #expect(status(client.hearAll()) == code)
    #expect(try status(search.get("/predict")) == 200)
  }

  @Test func bodiesThatDoNotCome() throws {
    let search = try ServedSite(predictions: try answers())
    let slow = try TalkingClient(port: search.port)
    slow.say("POST /predict HTTP/1.1\r\n\(search.fields)Content-Length: 1000\r\n\r\nhello")
    #expect(status(slow.hearAll()) == 408)
    let half = try TalkingClient(port: search.port)
    half.say("POST /predict HTTP/1.1\r\n\(search.fields)Content-Length: 1000\r\n\r\nhello")
    half.endSaying()
    #expect(status(half.hearAll()) == 400)
    // Who asks whether to send is told so, or is refused before it.
    let asking = try TalkingClient(port: search.port)
    asking.say("POST /predict HTTP/1.1\r\n\(search.fields)Expect: 100-continue\r\nContent-Length: 3\r\n\r\n")
    #expect(asking.hearAnswer() == "HTTP/1.1 100 Continue\r\n\r\n")
    #expect(try status(search.get("/predict")) == 200)
  }

  /// Requests that come at once are answered one after the other, and one behind a refusal that left its body unread is none.
  @Test func pipelines() throws {
    let one = "GET /runs HTTP/1.1\r\n\(site.fields)\r\n"
    let last = "GET /runs HTTP/1.1\r\n\(site.fields)Connection: close\r\n\r\n"
    let all = try say(String(repeating: one, count: 20) + last)
    #expect(all.components(separatedBy: "HTTP/1.1 200 OK\r\n").count == 22)
    let hidden = "POST /runs HTTP/1.1\r\n\(site.fields)Content-Length: \(one.utf8.count)\r\n\r\n\(one)"
    let refused = try say(hidden)
    #expect(status(refused) == 405 && refused.components(separatedBy: "HTTP/1.1 ").count == 2)
    #expect(try say(one, ends: true).hasPrefix("HTTP/1.1 200 OK\r\n"), "somebody who only listens any more is answered")
  }

  /// More at once than are taken: some are refused with words, none waits for ever, and the server lives.
  @Test func fiveHundredAtOnce() throws {
    var limits = ServedSite.hasty
    limits.connections = 50
    let small = try ServedSite(runs: directory("runs"), limits: limits)
    var clients = try (0..<500).map { _ in try TalkingClient(port: small.port) }
    for client in clients { client.say("GET /runs HTTP/1.1\r\n\(small.fields)Connection: close\r\n\r\n") }
    let codes = clients.map { status($0.hearAll()) }
    #expect(codes.contains(200) && codes.allSatisfy { $0 == 200 || $0 == 503 || $0 == nil })
    #expect(codes.contains(503))
    clients = []
    let deadline = ContinuousClock.now + .seconds(10)
    var isWell = false
    while !isWell, ContinuousClock.now < deadline { isWell = try status(small.get("/runs")) == 200 }
    #expect(isWell)
  }

  /// As many slow heads as there may be connections, with all the time in the world: somebody else is let in all the same.
  @Test func slowClientsKeepNobodyOut() throws {
    var limits = ServedSite.hasty
    (limits.connections, limits.headSeconds) = (20, 60)
    let small = try ServedSite(runs: directory("runs"), limits: limits)
    let slow = try (0..<20).map { _ in try TalkingClient(port: small.port) }
    for client in slow { client.say("GET /runs HTTP/1.1\r\n") }
    let start = ContinuousClock.now
    var isWell = false
    while !isWell, ContinuousClock.now - start < .seconds(15) { isWell = try status(small.get("/runs")) == 200 }
    #expect(isWell && slow.count == 20)
  }

  /// A model that says nothing, for forms that never come to it.
  private func answers() throws -> ModelPredictions { try servedAnswers() }
}
