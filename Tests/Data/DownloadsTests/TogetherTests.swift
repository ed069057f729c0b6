import Downloads
import Files
import Foundation
import Synchronization
import TestSupport
import Testing

@Suite struct TogetherTests {
  /// The second to come waits, says so, and finds the file there.
  @Test func twoAtOnce() throws {
    let fetching = try Fetching()
    let bytes = content(100_000)
    let server = try LoopbackServer { request in
      var answer = LoopbackAnswer.file(bytes, etag: "\"a\"", to: request)
      answer.pause = (
        50_000, { waitUntil { fetching.lines.withLock { $0.contains { $0.contains("waiting for another") } } } }
      )
      return answer
    }
    let group = DispatchGroup()
    let failures = Mutex<[String]>([])
    for _ in 0..<2 {
      DispatchQueue.global().async(group: group) {
        do { try fetching.fetch(server.url + "/file") } catch { failures.withLock { $0.append("\(error)") } }
      }
    }
    group.wait()
    #expect(failures.withLock { $0 } == [])
    #expect(server.requests.count == 1)
    #expect(try readFile(fetching.target) == bytes)
    #expect(fetching.lines.withLock { $0.filter { $0.contains("waiting") }.count } == 1)
  }
}

/// Looks again and again, for as long as a test may last at all.
private func waitUntil(_ condition: () -> Bool) {
  for _ in 0..<10_000 where !condition() { usleep(1000) }
}
