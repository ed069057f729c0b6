import Downloads
import Files
import Foundation
import Reporting
import Synchronization
import TLSSupport
import TestSupport
import Testing

/// HTTPS against servers of this machine, whose certificates an authority of the test has signed.
@Suite(.enabled(if: hasOpenSSL, "the openssl command is not here")) struct SecureTests {
  let fetching: Fetching
  let authority: Authority
  let bytes = content(200_000)

  init() throws {
    fetching = try Fetching()
    authority = try Authority()
  }

  /// One who has the file.
  private func server() throws -> LoopbackServer {
    try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
  }

  /// One who says that `url` has it.
  private func pointer(to url: String) throws -> LoopbackServer {
    try LoopbackServer { _ in LoopbackAnswer(302, [("Location", url)]) }
  }

  private func local() throws -> Identity { try authority.identity("DNS:localhost", "IP:127.0.0.1") }

  /// What a fetch with a secret fails with; that nothing gets the name.
  private func refusal(_ url: String, authorities: String?) throws -> DownloadError {
    let error = #expect(throws: DownloadError.self) {
      try fetching.fetch(url, authorization: "Bearer secret", authorities: authorities)
    }
    #expect(!entryExists(fetching.target) && fetching.waits.withLock { $0.isEmpty })
    return try #require(error)
  }

  @Test(arguments: ["localhost", "127.0.0.1"])
  func aTrustedServer(host: String) throws {
    let server = try server()
    let front = try TLSFront(server, as: local())
    try fetching.fetch(
      front.url(host) + "/file", size: bytes.count, digest: .sha256(sha256(bytes)), authorities: authority.file)
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.count == 1)
  }

  /// Signed by nobody whom this machine knows, and by nobody whom the user named.
  @Test(arguments: [true, false])
  func aStranger(isAnotherAuthorityNamed: Bool) throws {
    let server = try server()
    let front = try TLSFront(server, as: local())
    let other = try Authority()
    let url = front.url() + "/file"
    let error = try refusal(url, authorities: isAnotherAuthorityNamed ? other.file : nil)
    guard case .untrusted(url, _) = error else { return #expect(Bool(false), "\(error)") }
    #expect(error.exitCode == .network && error.description.contains("SSL_CERT_FILE"))
    #expect(server.requests.isEmpty, "nobody hears the secret")
  }

  /// A good certificate, but somebody else's.
  @Test(arguments: [
    ("DNS:localhost", "127.0.0.1"), ("DNS:elsewhere.example", "localhost"), ("IP:127.0.0.2", "127.0.0.1"),
  ])
  func anotherName(certified: String, asked: String) throws {
    let server = try server()
    let front = try TLSFront(server, as: authority.identity(certified))
    let url = front.url(asked) + "/file"
    let error = try refusal(url, authorities: authority.file)
    guard case .untrusted(url, _) = error else { return #expect(Bool(false), "\(error)") }
    #expect(server.requests.isEmpty)
  }

  /// No request reaches who cannot be heard by the two alone.
  @Test func fromSecureToPlain() throws {
    let plain = try server()
    let first = try pointer(to: plain.url + "/file")
    let front = try TLSFront(first, as: local())
    let error = try refusal(front.url() + "/file", authorities: authority.file)
    #expect(error == .insecureRedirect(from: front.url() + "/file", to: plain.url + "/file"))
    #expect(error.exitCode == .network)
    #expect(first.requests.count == 1 && plain.requests.isEmpty)
  }

  /// Also after a redirect that is allowed; the secret is for the first server only.
  @Test func fromSecureToSecure() throws {
    let (last, plain) = (try server(), try server())
    let lastFront = try TLSFront(last, as: local())
    let first = try pointer(to: lastFront.url("localhost") + "/there")
    let firstFront = try TLSFront(first, as: local())
    try fetching.fetch(
      firstFront.url() + "/file", digest: .sha256(sha256(bytes)), authorization: "Bearer secret",
      authorities: authority.file)
    #expect(try readFile(fetching.target) == bytes)
    #expect(first.requests.map { $0.headers["authorization"] } == ["Bearer secret"])
    #expect(last.requests.map { $0.headers["authorization"] } == [nil])
    try removeTree(fetching.target)
    let middleFront = try TLSFront(pointer(to: plain.url + "/file"), as: local())
    let longWay = try TLSFront(pointer(to: middleFront.url() + "/file"), as: local())
    let error = try refusal(longWay.url() + "/file", authorities: authority.file)
    #expect(error == .insecureRedirect(from: middleFront.url() + "/file", to: plain.url + "/file"))
    #expect(plain.requests.isEmpty)
  }

  /// A redirect leads to a server that is not trusted.
  @Test func fromSecureToAStranger() throws {
    let server = try server()
    let stranger = try TLSFront(server, as: Authority().identity("IP:127.0.0.1"))
    let front = try TLSFront(pointer(to: stranger.url() + "/file"), as: local())
    let url = stranger.url() + "/file"
    let error = try refusal(front.url() + "/file", authorities: authority.file)
    guard case .untrusted(url, _) = error else { return #expect(Bool(false), "\(error)") }
    #expect(server.requests.isEmpty)
  }

  /// The file of those to trust is not there, or holds no certificate.
  @Test(arguments: [nil, "", "hello\n"])
  func authoritiesThatCannotBeRead(text: String?) throws {
    let path = fetching.directory("authorities.pem")
    if let text { try writeAtomically(text.utf8, to: path) }
    let server = try server()
    let front = try TLSFront(server, as: local())
    let error = try refusal(front.url() + "/file", authorities: path)
    guard case .noAuthorities(path, _) = error else { return #expect(Bool(false), "\(error)") }
    #expect(error.exitCode == .configuration && error.description.hasPrefix("\(path): no certificates to trust"))
    #expect(server.requests.isEmpty)
  }
}
