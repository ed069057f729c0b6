import Downloads
import Files
import Reporting
import TestSupport
import Testing

@Suite struct RedirectTests {
  let fetching: Fetching
  let bytes = content(1000)

  init() throws { fetching = try Fetching() }

  @Test(arguments: [301, 302, 303, 307, 308])
  func anotherPath(status: Int) throws {
    let server = try LoopbackServer { [bytes] request in
      request.path == "/there?a=b"
        ? .file(bytes, etag: "\"a\"", to: request)
        : LoopbackAnswer(status, [("Location", "/there?a=b"), ("Content-Type", "text/html")], Array("<html>".utf8))
    }
    try fetching.fetch(server.url + "/file", size: bytes.count, authorization: "Bearer secret")
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.map(\.path) == ["/file", "/there?a=b"])
    #expect(server.requests.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
  }

  /// Another port is another host.
  @Test func theSecretIsNotSentOn() throws {
    let other = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let server = try LoopbackServer { [url = other.url] _ in LoopbackAnswer(302, [("Location", url + "/x")]) }
    try fetching.fetch(server.url + "/file", authorization: "Bearer secret")
    #expect(server.requests[0].headers["authorization"] == "Bearer secret")
    #expect(other.requests.map { $0.headers["authorization"] } == [nil])
  }

  @Test func inACircle() throws {
    let server = try LoopbackServer { _ in LoopbackAnswer(302, [("Location", "/file")]) }
    #expect(exitCode { try fetching.fetch(server.url + "/file") } == .network)
    #expect(server.requests.count == 6)
  }

  @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/file"])
  func toAnotherProtocol(url: String) throws {
    let server = try LoopbackServer { _ in LoopbackAnswer(302, [("Location", url)]) }
    #expect(exitCode { try fetching.fetch(server.url + "/file") } == .badData)
    #expect(!entryExists(fetching.target))
  }

  @Test func whoMayBeSentWhere() throws {
    let request = HTTPRequest(url: "https://Hub.example/a", authorization: "secret")
    #expect(try request.redirected(to: "https://hub.example:443/b").authorization == "secret")
    for other in ["https://hub.example:444/", "https://hub.example.evil/", "https://x@y.example/", "https://evil/"] {
      #expect(try request.redirected(to: other).authorization == nil)
    }
    #expect(throws: DownloadError.insecureRedirect(from: request.url, to: "http://hub.example/b")) {
      try request.redirected(to: "http://hub.example/b")
    }
    let plain = HTTPRequest(url: "http://hub.example/a", authorization: "secret")
    #expect(try plain.redirected(to: "https://hub.example/b").authorization == nil)
  }

  @Test func aTokenWithALineBreak() throws {
    let server = try LoopbackServer { _ in LoopbackAnswer(200) }
    #expect(exitCode { try fetching.fetch(server.url, authorization: "Bearer x\r\nX-Evil: 1") } == .usage)
    #expect(server.requests.isEmpty)
  }

  @Test func signaturesAreNotShown() throws {
    let error = DownloadError.html(url: "https://user:pass@storage.example/file?signature=secret")
    #expect(error.description.contains("https://storage.example/file:"))
    #expect(!error.description.contains("secret") && !error.description.contains("pass"))
  }
}
