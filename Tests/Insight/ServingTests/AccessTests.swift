import Files
import Foundation
import Serving
import TestSupport
import Testing

/// Who is let in, under which name, and to what.
@Suite struct AccessTests {
  private let directory: TemporaryDirectory
  private let site: ServedSite

  init() throws {
    directory = try TemporaryDirectory()
    try writeRun("one", in: directory("runs"))
    try writeRun("study/two", in: directory("runs"))
    site = try ServedSite(runs: directory("runs"))
  }

  private func ask(_ address: String, _ fields: String, method: String = "GET") throws -> String {
    let client = try TalkingClient(port: site.port)
    client.say("\(method) \(address) HTTP/1.1\r\n\(fields)Connection: close\r\n\r\n")
    return client.hearAll()
  }

  // MARK: The token

  @Test func nobodyIsLetInWithoutTheToken() throws {
    let host = "Host: localhost:\(site.port)\r\n"
    for fields in [
      "", "Authorization: Bearer wrong-token-for-tests\r\n", "Authorization: Basic YTpi\r\n",
      "Cookie: mmtrain-\(site.port)=x\r\n",
      "Cookie: mmtrain-1=\(ServedSite.token)\r\n",
    ] {
      let answer = try ask("/runs", host + fields)
      #expect(status(answer) == 401 && answer.contains("WWW-Authenticate: Bearer") && !answer.contains("/runs/one"))
    }
    #expect(try status(ask("/runs?token=\(ServedSite.token)x", host)) == 401)
    #expect(try status(ask("/nothing", host)) == 401, "what there is is nobody's business either")
    #expect(try status(ask("/runs", host + "Cookie: a=b; mmtrain-\(site.port)=\(ServedSite.token)\r\n")) == 200)
  }

  /// The address that is printed leads to one without the token, which the cookie then opens.
  @Test func theTokenLeavesTheAddress() throws {
    let answer = try ask("/runs/one?token=\(ServedSite.token)&a=b%20c", "Host: 127.0.0.1:\(site.port)\r\n")
    #expect(status(answer) == 303 && answer.contains("\r\nLocation: /runs/one?a=b%20c\r\n"))
    #expect(
      answer.contains("Set-Cookie: mmtrain-\(site.port)=\(ServedSite.token); HttpOnly; SameSite=Strict; Path=/\r\n"))
  }

  @Test func tokens() {
    #expect(AccessToken("short") == nil && AccessToken("with a space in it, long") == nil)
    let drawn = AccessToken.drawn()
    #expect(drawn.text.utf8.count == 32 && drawn != AccessToken.drawn() && AccessToken(drawn.text) == drawn)
    #expect(drawn.equals(drawn.text) && !drawn.equals("") && !drawn.equals(drawn.text + "0"))
    #expect(!drawn.equals(String(drawn.text.dropLast())))
  }

  // MARK: Names

  @Test(arguments: [
    ("127.0.0.1", 200), ("localhost:99", 200), ("[::1]:80", 200), ("10.0.0.7", 200), ("evil.example", 421),
    ("127.0.0.1.evil.example", 421),
    ("localhost.evil.example", 421), ("127.0.0.1@evil.example", 421), ("1.2.3.4.5", 421), ("", 421),
  ])
  func hosts(_ host: String, _ code: Int) throws {
    #expect(try status(ask("/runs", "Host: \(host)\r\nAuthorization: Bearer \(ServedSite.token)\r\n")) == code)
  }

  @Test func oneHost() throws {
    let bearer = "Authorization: Bearer \(ServedSite.token)\r\n"
    #expect(try status(ask("/runs", bearer)) == 400)
    #expect(try status(ask("/runs", bearer + "Host: localhost\r\nHost: localhost\r\n")) == 400)
  }

  @Test func formsOfOtherPages() throws {
    let model = try ServedSite(predictions: servedAnswers())
    for (fields, code) in [
      ("Origin: http://evil.example\r\n", 403), ("Origin: null\r\n", 403), ("Origin: http://127.0.0.1:1\r\n", 403),
      ("Sec-Fetch-Site: cross-site\r\n", 403), ("Sec-Fetch-Site: same-site\r\n", 403),
      ("Origin: http://127.0.0.1:\(model.port)\r\nSec-Fetch-Site: same-origin\r\n", 422), ("", 422),
    ] {
      #expect(try status(model.post("/predict", file: nil, more: fields)) == code, "\(fields)")
    }
  }

  // MARK: Paths

  @Test(arguments: [
    "/runs/../../etc/passwd", "/runs/..", "/../runs", "/runs/%2e%2e/%2e%2e/etc", "/runs/%2E./x", "/runs/..%2f..%2fetc",
    "/runs/one%2fx",
    "/runs/%00", "/runs/one%00", "/runs/%", "/runs/%2", "/runs/%zz", "/runs/%ff", "/runs/%c0%ae%c0%ae", "/runs/..%5c..",
    "/./runs",
    "/runs/one%0a",
  ])
  func pathsThatLeadElsewhere(_ path: String) throws {
    #expect(try status(site.get(path)) == 400)
  }

  @Test(arguments: [
    "/runs//etc/passwd", "/runs/etc", "//etc/passwd", "/runs/one/metrics.jsonl", "/runs/study", "/runs/%252e%252e",
    "/runs/...", "/runs/ONE",
    "/search", "/predict", "/favicon.ico", "/api", "/api/nothing", "/runs/one/..;/x",
  ])
  func pathsOfNothing(_ path: String) throws {
    // `/api` itself lists what there is.
    #expect(try status(site.get(path)) == (path == "/api" ? 200 : 404))
  }

  @Test func linksOutAreNotFollowed() throws {
    try writeRun("secret", in: directory("elsewhere"))
    try replaceLink(directory("runs/out"), target: directory("elsewhere/secret"))
    try replaceLink(directory("runs/all"), target: "/")
    try makeDirectory(directory("runs/leak"))
    try replaceLink(directory("runs/leak/metrics.jsonl"), target: directory("elsewhere/secret/metrics.jsonl"))
    try writeAtomically("secret words".utf8, to: directory("elsewhere/README.md"))
    try replaceLink(directory("runs/one/last"), target: directory("elsewhere"))
    let list = try site.get("/runs")
    #expect(list.contains("2 links are not followed") && !list.contains("/runs/out") && list.contains("leads out"))
    #expect(try status(site.get("/runs/out")) == 404 && status(site.get("/runs/all/etc")) == 404)
    #expect(try status(site.get("/runs/leak")) == 403)
    let one = try site.get("/runs/one")
    #expect(status(one) == 200 && !one.contains("secret words") && one.contains("no model card"))
  }

  @Test func methods() throws {
    for method in ["DELETE", "PUT", "OPTIONS", "TRACE", "CONNECT", "BREW", "get", "POST"] {
      let answer = try site.get("/runs", method == "POST" ? "Content-Length: 0\r\n" : "", method: method)
      #expect(status(answer) == 405 && answer.contains("\r\nAllow: GET, HEAD\r\n"), "\(method)")
    }
  }
}
