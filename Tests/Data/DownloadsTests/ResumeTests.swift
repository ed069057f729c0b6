import Downloads
import Files
import Reporting
import Synchronization
import TestSupport
import Testing

@Suite struct ResumeTests {
  let bytes = content(100_003)
  var digest: ContentDigest { .sha256(sha256(bytes)) }

  @Test func aWholeFile() throws {
    let fetching = try Fetching()
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest)
    #expect(try readFile(fetching.target) == bytes)
    #expect(try fetching.names == ["file"])
    #expect(server.requests.map(\.method) == ["GET"])
    #expect(server.requests[0].headers["accept-encoding"] == "identity")
    try fetching.fetch(server.url + "/file")
    #expect(server.requests.count == 1, "what is there is not fetched again")
  }

  @Test func anEmptyFile() throws {
    let fetching = try Fetching()
    let server = try LoopbackServer { .file([], etag: "\"a\"", to: $0) }
    try fetching.fetch(
      server.url + "/file", size: 0, digest: .gitBlob("e69de29bb2d1d6434b8b29ae775ad8c2e48c5391", size: 0))
    #expect(try readFile(fetching.target) == [])
  }

  /// The first answer ends at one of 100 places; what has come is not sent again.
  @Test func cutAtAHundredPlaces() throws {
    for step in 0..<100 {
      let place = step * bytes.count / 100
      let fetching = try Fetching()
      let count = Mutex(0)
      let server = try LoopbackServer { [bytes] request in
        let isFirst = count.withLock { count in
          count += 1
          return count == 1
        }
        return .file(bytes, etag: "\"a\"", to: request, cutAfter: isFirst ? place : nil)
      }
      try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest)
      #expect(try readFile(fetching.target) == bytes, "cut after \(place) bytes")
      #expect(server.bytesSent <= bytes.count * 105 / 100, "\(server.bytesSent) bytes sent, cut after \(place)")
      #expect(server.requests.count == 2 && server.requests[1].offset == (place > 0 ? place : nil))
      #expect(fetching.waits.withLock { $0 } == [1])
      #expect(try fetching.names == ["file"])
    }
  }

  /// Every connection ends after 1,000 bytes: patience is for tries that bring nothing.
  @Test func cutAHundredTimes() throws {
    let fetching = try Fetching()
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0, cutAfter: 1000) }
    try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest)
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.bytesSent == bytes.count)
    #expect(server.requests.count == 101)
  }

  @Test func aServerThatKnowsNoRanges() throws {
    let fetching = try Fetching()
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] _ in
      let isFirst = count.withLock { count in
        count += 1
        return count == 1
      }
      return LoopbackAnswer(200, [("ETag", "\"a\"")], bytes, cutAfter: isFirst ? 70_000 : nil)
    }
    try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest)
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests[1].offset == 70_000)
  }

  /// The file changes between two tries. With `If-Range` the server sends the new one whole; one that ignores that header
  /// is found out by its ETag, or, where that is the same, by the hash.
  @Test(arguments: [true, false])
  func anotherFileAtTheSecondTry(honoursIfRange: Bool) throws {
    let fetching = try Fetching()
    let old = content(100_003, seed: 2)
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] request in
      let isFirst = count.withLock { count in
        count += 1
        return count == 1
      }
      if isFirst { return .file(old, etag: "\"old\"", to: request, cutAfter: 50_000) }
      var request = request
      if !honoursIfRange { request.headers["if-range"] = nil }
      return .file(bytes, etag: "\"new\"", to: request)
    }
    try fetching.fetch(server.url + "/file")
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests[1].headers["if-range"] == "\"old\"")
    #expect(server.requests.count == (honoursIfRange ? 2 : 3))
    #expect(try fetching.names == ["file"])
  }

  @Test func anotherFileUnderTheSameETag() throws {
    let fetching = try Fetching()
    let old = content(100_003, seed: 2)
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] request in
      let isFirst = count.withLock { count in
        count += 1
        return count == 1
      }
      return .file(isFirst ? old : bytes, etag: "\"a\"", to: request, cutAfter: isFirst ? 50_000 : nil)
    }
    try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest)
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.map(\.offset) == [nil, 50_000, nil])
  }

  /// Without an ETag and without a hash nothing says that the rest belongs to what is there.
  @Test func nothingToTellTheRestBy() throws {
    let fetching = try Fetching()
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] request in
      let isFirst = count.withLock { count in
        count += 1
        return count == 1
      }
      return .file(bytes, etag: "", to: request, cutAfter: isFirst ? 50_000 : nil)
    }
    try fetching.fetch(server.url + "/file", size: bytes.count)
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.map(\.offset) == [nil, nil])
  }

  /// The disk fails for good after so many writes, as when the process dies there; another process goes on.
  @Test(arguments: [1, 2, 4])
  func aProcessThatDied(writes: Int) throws {
    let fetching = try Fetching()
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    let count = Mutex(0)
    let hook = DiskHook { call, path in
      let number = count.withLock { count in
        if call == "write", path.hasSuffix(".incomplete") { count += 1 }
        return count
      }
      if number >= writes { throw Died() }
    }
    #expect(throws: Died.self) {
      try withDiskHook(hook) { try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest) }
    }
    #expect(!fileExists(fetching.target))
    try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest)
    #expect(try readFile(fetching.target) == bytes)
    if writes > 1 { #expect(try #require(server.requests[1].offset) > 0) }
    #expect(try fetching.names == ["file"])
  }

  /// What an earlier process left is longer than the file.
  @Test func tooMuchIsThere() throws {
    let fetching = try Fetching()
    try writeAtomically(content(200_000), to: fetching.target + ".incomplete")
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    try fetching.fetch(server.url + "/file", digest: digest)
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.map(\.offset) == [200_000, nil], "the first is answered by 416")
  }

  /// All bytes are there and only the name is missing: nothing is asked.
  @Test func onlyTheNameIsMissing() throws {
    let fetching = try Fetching()
    try writeAtomically(bytes, to: fetching.target + ".incomplete")
    let server = try LoopbackServer { [bytes] in .file(bytes, etag: "\"a\"", to: $0) }
    try fetching.fetch(server.url + "/file", size: bytes.count, digest: digest)
    #expect(try readFile(fetching.target) == bytes)
    #expect(server.requests.isEmpty)
  }
}

struct Died: Error {}
