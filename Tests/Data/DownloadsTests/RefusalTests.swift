import Downloads
import Files
import Reporting
import Synchronization
import TestSupport
import Testing

/// What is not the file never gets the file's name.
@Suite struct RefusalTests {
  let fetching: Fetching
  let bytes = content(50_000)

  init() throws { fetching = try Fetching() }

  private func nothingHasTheName(_ location: SourceLocation = #_sourceLocation) {
    #expect(!entryExists(fetching.target), sourceLocation: location)
  }

  @Test(arguments: [(400, ExitCode.network), (401, .missingInput), (403, .missingInput), (404, .missingInput)])
  func statusesThatStay(status: Int, code: ExitCode) throws {
    let server = try LoopbackServer { _ in LoopbackAnswer(status, [], Array("no".utf8)) }
    #expect(exitCode { try fetching.fetch(server.url + "/file") } == code)
    #expect(server.requests.count == 1 && fetching.waits.withLock { $0.isEmpty })
    nothingHasTheName()
  }

  @Test(arguments: [408, 429, 500, 502, 503, 504])
  func statusesThatPass(status: Int) throws {
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] request in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number < 3 { return LoopbackAnswer(status, number == 2 ? [("Retry-After", "9")] : []) }
      return .file(bytes, etag: "\"a\"", to: request)
    }
    try fetching.fetch(server.url + "/file")
    #expect(try readFile(fetching.target) == bytes)
    #expect(fetching.waits.withLock { $0 } == [1, 9])
  }

  @Test func nobodyListens() throws {
    #expect(exitCode { try fetching.fetch("http://127.0.0.1:1/file") } == .network)
    #expect(fetching.waits.withLock { $0 } == [1, 2, 4, 8, 16])
    nothingHasTheName()
  }

  @Test func aWebPage() throws {
    let server = try LoopbackServer { _ in
      LoopbackAnswer(200, [("Content-Type", "text/html; charset=utf-8")], Array("<html>Log in</html>".utf8))
    }
    #expect(exitCode { try fetching.fetch(server.url + "/file") } == .badData)
    nothingHasTheName()
  }

  /// An encoding that was not asked for: without a digest nobody knows whether it is the file's own form.
  @Test(arguments: ["gzip", "x-gzip", "br", "gzip, br"])
  func anEncodedAnswer(encoding: String) throws {
    let server = try LoopbackServer { [bytes] _ in LoopbackAnswer(200, [("Content-Encoding", encoding)], bytes) }
    let error = #expect(throws: DownloadError.self) { try fetching.fetch(server.url + "/file") }
    #expect(error?.exitCode == .badData && error?.description.contains("encoding \(encoding), and no digest") == true)
    nothingHasTheName()
    let wrong = ContentDigest.sha256(String(repeating: "0", count: 64))
    let other = #expect(throws: DownloadError.self) { try fetching.fetch(server.url + "/file", digest: wrong) }
    #expect(other?.exitCode == .badData && other?.description.contains("encoding \(encoding), not as it is") == true)
    nothingHasTheName()
  }

  /// Bytes that have the digest are the file, whatever the server calls them; also where they come in two answers.
  @Test(arguments: ["gzip", "br", "identity"], [nil, 20_000])
  func theDigestDecidesAboutAnEncodedAnswer(encoding: String, cutAfter: Int?) throws {
    let server = try LoopbackServer { [bytes] request in
      var answer = LoopbackAnswer.file(
        bytes, etag: "\"a\"", to: request, cutAfter: request.offset == nil ? cutAfter : nil)
      answer.headers.append(("Content-Encoding", encoding))
      return answer
    }
    try fetching.fetch(server.url + "/file", size: bytes.count, digest: .sha256(sha256(bytes)))
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.count == (cutAfter == nil ? 1 : 2))
  }

  /// Another length is promised than expected, or none and more comes.
  @Test(arguments: [true, false])
  func theWrongLength(isPromised: Bool) throws {
    let headers = isPromised ? [] : [("Content-Length", "")]
    let server = try LoopbackServer { [bytes] _ in LoopbackAnswer(200, headers, bytes) }
    for size in [bytes.count - 1, 1] {
      #expect(exitCode { try fetching.fetch(server.url + "/file", size: size) } == .badData)
      nothingHasTheName()
    }
    #expect(server.requests.count == 2)
  }

  @Test func aFileThatNeverComesWhole() throws {
    let server = try LoopbackServer { [bytes] request in
      var answer = LoopbackAnswer.file(bytes, etag: "\"a\"", to: request)
      answer.cutAfter = max(0, 20_000 - (request.offset ?? 0))
      return answer
    }
    #expect(exitCode { try fetching.fetch(server.url + "/file", size: bytes.count) } == .network)
    #expect(server.bytesSent == 20_000)
    nothingHasTheName()
    #expect(try readFile(fetching.target + ".incomplete") == Array(bytes[..<20_000]), "for the next time")
  }

  @Test func theWrongHash() throws {
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let digest = ContentDigest.sha256(String(repeating: "0", count: 64))
    #expect(exitCode { try fetching.fetch(server.url + "/file", digest: digest) } == .badData)
    #expect(server.requests.count == 1)
    #expect(try fetching.names.filter { $0 != "file.incomplete.etag" } == [])
  }

  /// A part that is not the one that was asked for.
  @Test func aServerThatConfusesRanges() throws {
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] request in
      let number = count.withLock { count in
        count += 1
        return count
      }
      switch number {
      case 1: return .file(bytes, etag: "\"a\"", to: request, cutAfter: 10_000)
      case 2:
        return LoopbackAnswer(
          206, [("ETag", "\"a\""), ("Content-Range", "bytes 0-\(bytes.count - 1)/\(bytes.count)")], bytes)
      default: return .file(bytes, etag: "\"a\"", to: request)
      }
    }
    try fetching.fetch(server.url + "/file")
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.map(\.offset) == [nil, 10_000, nil])
  }

  @Test func moreThanFits() throws {
    let server = try LoopbackServer { _ in
      LoopbackAnswer(200, [("Content-Length", "1000000000000000000")], [1, 2, 3])
    }
    #expect(exitCode { try fetching.fetch(server.url + "/file") } == .inputOutput)
    #expect(server.requests.count == 1)
    nothingHasTheName()
  }

  @Test func theDiskFillsUp() throws {
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let full = DiskHook { call, path in
      if call == "write", path.hasSuffix(".incomplete") { throw FileError.system(call: call, path: path, code: 28) }
    }
    #expect(exitCode { try withDiskHook(full) { try fetching.fetch(server.url + "/file") } } == .inputOutput)
    nothingHasTheName()
    try fetching.fetch(server.url + "/file")
    #expect(try readFile(fetching.target) == bytes)
  }

  @Test func aHeadWithoutEnd() throws {
    let headers = (0..<200).map { ("X-\($0)", String(repeating: "x", count: 1000)) }
    let server = try LoopbackServer { _ in LoopbackAnswer(200, headers, [1]) }
    #expect(exitCode { try fetching.fetch(server.url + "/file") } == .badData)
    nothingHasTheName()
  }

  @Test(arguments: ["file:///etc/passwd", "ftp://127.0.0.1/x", "nothing", "", "http://", "gopher://127.0.0.1/"])
  func otherProtocols(url: String) {
    #expect(exitCode { try fetching.fetch(url) } == .badData)
    nothingHasTheName()
  }
}
