import Catalogue
import Files
import Synchronization
import TestSupport
import Testing

/// Connections that break.
@Suite struct CutTests {
  let bytes = zipLike(100_000)

  /// The first answer is cut at one of 100 places: all answers together send at most 1.05 times the file.
  @Test func atAHundredPlaces() throws {
    var worst = 0.0
    for step in 0..<100 {
      let place = step * bytes.count / 100
      let fetching = try Fetching()
      let isFirst = Mutex(true)
      let server = try LoopbackServer { [bytes] request in
        let cuts = isFirst.withLock { first in
          defer { first = false }
          return first
        }
        return .file(bytes, etag: "\"a\"", to: request, cutAfter: cuts ? place : nil)
      }
      let fetched = try fetching.fetch(
        manifest([server.url + "/photos.zip"], sha256: sha256(bytes), size: bytes.count))
      #expect(try readFile(fetched.archives[0]) == bytes, "cut after \(place) bytes")
      worst = max(worst, Double(server.bytesSent) / Double(bytes.count))
    }
    #expect(worst <= 1.05, "\(worst) times the file was sent")
    print("100 cuts: at most \(worst) times the file was sent")
  }

  /// Cut, and then another file under another ETag: it starts afresh, and the right file comes.
  @Test func theETagChanges() throws {
    let fetching = try Fetching()
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] request in
      let number = count.withLock { count in
        count += 1
        return count
      }
      if number == 1 { return .file(zipLike(100_000, seed: 9), etag: "\"old\"", to: request, cutAfter: 60_000) }
      return .file(bytes, etag: "\"new\"", to: request)
    }
    let fetched = try fetching.fetch(
      manifest([server.url + "/photos.zip"], sha256: sha256(bytes), size: bytes.count))
    #expect(try readFile(fetched.archives[0]) == bytes)
    #expect(server.requests.map(\.offset) == [nil, 60_000] && server.bytesSent == 160_000)
  }

  /// A server that ignores ranges sends the whole; one that promises more than it has is asked again.
  @Test func serversThatDoNotKeepTheirWord() throws {
    let fetching = try Fetching()
    let count = Mutex(0)
    let server = try LoopbackServer { [bytes] request in
      let number = count.withLock { count in
        count += 1
        return count
      }
      switch number {
      case 1: return LoopbackAnswer(200, [("ETag", "\"a\"")], bytes, cutAfter: 40_000)
      case 2: return LoopbackAnswer(200, [("ETag", "\"a\"")], bytes, cutAfter: 70_000)
      default: return LoopbackAnswer(200, [("ETag", "\"a\"")], bytes)
      }
    }
    let fetched = try fetching.fetch(
      manifest([server.url + "/photos.zip"], sha256: sha256(bytes), size: bytes.count))
    #expect(try readFile(fetched.archives[0]) == bytes)
    #expect(server.requests.map(\.offset) == [nil, 40_000, 70_000])
  }
}
