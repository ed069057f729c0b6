import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// What may happen to a process that fetches and prepares a data set.
@Suite struct PrepareFaultTests {
  let toy: ToySet

  init() throws { toy = try ToySet() }

  /// Pauses the photos after so many bytes of their content, at the first request from now on.
  private func pausePhotos(after place: Int, _ body: @escaping @Sendable () -> Void) {
    let isFirst = Mutex(true)
    toy.interfere { [photos = toy.photos] request in
      let pauses = isFirst.withLock { first in
        defer { if request.path == "/photos.zip" { first = false } }
        return first && request.path == "/photos.zip"
      }
      guard pauses else { return nil }
      var answer = LoopbackAnswer.file(photos, etag: "\"photos\"", to: request)
      answer.pause = (max(0, place - (request.offset ?? 0)), body)
      return answer
    }
  }

  private var partial: String { toy.downloads + "/photos.zip.incomplete" }

  private func isWhole() throws {
    #expect(try readFile(toy.downloads + "/photos.zip") == toy.photos)
    #expect(fileExists(toy.output + "/manifest.json"))
    let left = try directoryEntries(toy.downloads).filter { $0.contains("incomplete") || $0.contains(".tmp-") }
    #expect(left == [])
  }

  /// SIGKILL at 20 places of the download, one after the other; each process goes on where the one before stopped.
  @Test func killedAtTwentyPlaces() throws {
    let size = toy.photos.count
    for step in 0..<20 {
      let place = size * step / 20
      let isKilled = Atomic(false)
      pausePhotos(after: place) { waitUntil { isKilled.load(ordering: .relaxed) } }
      let process = try toy.start()
      if place == 0 {
        waitUntil { toy.server.requests.contains { $0.path == "/photos.zip" } }
      } else {
        waitUntil { (try? treeSize(partial)) == place }
      }
      process.send(SIGKILL)
      #expect(try process.wait().status == 128 + SIGKILL)
      isKilled.store(true, ordering: .relaxed)
      #expect(!fileExists(toy.downloads + "/photos.zip"))
    }
    toy.interfere { _ in nil }
    let last = try toy.start().wait()
    #expect(last.status == 0, "\(last.errors)")
    try isWhole()
    #expect(toy.server.requests.last?.offset == size * 19 / 20)
  }

  /// SIGKILL at 20 moments between the start and the end of a run, preparing included.
  @Test func killedAtTwentyMoments() throws {
    let begin = Date()
    #expect(try toy.start().wait().status == 0)
    let seconds = Date().timeIntervalSince(begin)
    let reference = try toy.preparedManifest
    for step in 0..<20 {
      try toy.clear()
      let process = try toy.start()
      Thread.sleep(forTimeInterval: seconds * Double(step) / 20)
      process.send(SIGKILL)
      _ = try process.wait()
      if !fileExists(toy.output) {
        let second = try toy.start().wait()
        #expect(second.status == 0, "killed at \(step)/20: \(second.errors)")
      }
      try isWhole()
      #expect(try toy.preparedManifest == reference, "killed at \(step)/20")
      let left = try directoryEntries(parentDirectory(of: toy.output)).filter { $0.contains(".partial-") }
      #expect(left == [], "killed at \(step)/20")
    }
  }

  /// Ctrl-C says what is kept and ends with 75; the same command goes on.
  @Test(arguments: [SIGINT, SIGTERM])
  func stopped(signal: Int32) throws {
    let isStopped = Atomic(false)
    pausePhotos(after: 30_000) { waitUntil { isStopped.load(ordering: .relaxed) } }
    let process = try toy.start()
    waitUntil { (try? treeSize(partial)) == 30_000 }
    process.send(signal)
    let result = try process.wait()
    isStopped.store(true, ordering: .relaxed)
    #expect(result.status == 75)
    #expect(
      result.errors.hasSuffix(
        "stopped; what has come is kept in \(toy.downloads): the same command goes on from there\n"))
    let second = try toy.start().wait()
    #expect(second.status == 0, "\(second.errors)")
    try isWhole()
    #expect(toy.server.requests.last?.offset == 30_000)
  }

  /// As in what a script starts in the background.
  @Test(arguments: [("INT", SIGINT), ("TERM", SIGTERM)])
  func whatWasIgnoredStaysIgnored(signal: (name: String, number: Int32)) throws {
    let isSent = Atomic(false)
    pausePhotos(after: 30_000) { waitUntil { isSent.load(ordering: .relaxed) } }
    let arguments = [Program.path, "prepare", toy.path, "--output", toy.output]
    let process = try RunningProcess(
      "/bin/sh", ["-c", "trap '' \(signal.name); exec \"$@\"", "sh"] + arguments)
    waitUntil { (try? treeSize(partial)) == 30_000 }
    process.send(signal.number)
    Thread.sleep(forTimeInterval: 0.3)
    isSent.store(true, ordering: .relaxed)
    let result = try process.wait()
    #expect(result.status == 0, "\(result.errors)")
    try isWhole()
  }

  /// Two at once: the second says who is at work, and ends with 73; the first is none the worse.
  @Test func twoAtOnce() throws {
    let isSeen = Atomic(false)
    pausePhotos(after: 30_000) { waitUntil { isSeen.load(ordering: .relaxed) } }
    let first = try toy.start()
    waitUntil { (try? treeSize(partial)) == 30_000 }
    let second = try toy.start().wait()
    isSeen.store(true, ordering: .relaxed)
    #expect(second.status == 73)
    #expect(second.errors.contains("is in use by process") && second.errors.contains("wait for it"), "\(second.errors)")
    let result = try first.wait()
    #expect(result.status == 0, "\(result.errors)")
    try isWhole()
  }

  /// A server on the open network, seen through a proxy, sends us to this machine or to a private network.
  @Test(arguments: [
    "http://127.0.0.1:PORT/photos.zip", "http://localhost:PORT/photos.zip", "http://10.1.2.3/photos.zip",
    "http://[::1]:PORT/photos.zip", "http://169.254.169.254/latest/meta-data",
  ])
  func sentInside(location: String) throws {
    let port = "\(toy.server.port)"
    let proxy = try LoopbackServer { _ in
      LoopbackAnswer(302, [("Location", location.replacing("PORT", with: port))])
    }
    try writeAtomically(toy.manifest(photosURL: "http://open.example/photos.zip").utf8, to: toy.path)
    let process = try RunningProcess(
      Program.path, ["prepare", toy.path, "--output", toy.output],
      environment: ["http_proxy": proxy.url, "no_proxy": "", "NO_PROXY": ""])
    let result = try process.wait()
    #expect(result.status == 69)
    #expect(
      result.errors.contains("a redirect from the open network to an address of a private one"), "\(result.errors)")
    #expect(proxy.requests.map(\.path) == ["http://open.example/photos.zip"])
    #expect(!toy.server.requests.contains { $0.path == "/photos.zip" })
  }

  /// Every mirror gives a page with status 200: what came is kept, and is said to be one.
  @Test func aPageInsteadOfTheFile() throws {
    toy.interfere { request in
      guard request.path == "/photos.zip" else { return nil }
      return LoopbackAnswer(200, [("Content-Type", "text/html")], Array("<html>Please log in\u{1B}[31m</html>".utf8))
    }
    let result = try toy.start().wait()
    #expect(result.status == 65)
    let kept = toy.downloads + "/photos.zip.bad"
    #expect(result.errors.contains("what came is kept as \(kept): a web page"), "\(result.errors)")
    #expect(fileExists(kept) && !fileExists(toy.output) && !result.errors.contains("\u{1B}"))
  }
}

/// Looks again and again, for as long as a test may last at all.
private func waitUntil(_ condition: () -> Bool) {
  for _ in 0..<20_000 where !condition() { usleep(1000) }
}
