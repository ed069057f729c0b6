import Files
import Foundation
import Synchronization
import TestSupport
import Testing

/// Whole processes against a hub on this machine.
@Suite struct FetchCommandTests {
  let hub: ToyHub
  var blob: String { hub.directory + "/blobs/" + sha256(ToyHub.weights) }

  init() throws { hub = try ToyHub() }

  private func start() throws -> RunningProcess {
    try RunningProcess(Program.path, ["fetch", "owner/model"], environment: hub.environment)
  }

  /// Pauses the weights in the middle of their content, at their first transfer.
  private func pauseTheWeights(_ body: @escaping @Sendable () -> Void) {
    let isFirst = Mutex(true)
    hub.interfere { request in
      guard request.path.hasPrefix("/storage/"), isFirst.withLock({ firstOnly(&$0) }) else { return nil }
      var answer = LoopbackAnswer.file(ToyHub.weights, etag: "\"storage-\(ToyHub.weights.count)\"", to: request)
      answer.pause = (150_000, body)
      return answer
    }
  }

  @Test func itPrintsThePath() throws {
    let result = try start().wait()
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output == "\(hub.directory)/snapshots/\(hub.commit)\n")
    let offline = try Program.run(
      "fetch", "owner/other", environment: hub.environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 })
    #expect(offline.exitCode == 66 && offline.errors.contains("HF_HUB_OFFLINE"))
    #expect(try Program.run("fetch", "owner/model/x/y").exitCode == 66)
    #expect(try Program.run("fetch", "owner").exitCode == 64)
  }

  /// SIGKILL in the middle of the weights; the next process asks for the rest alone.
  @Test func aKilledProcessResumes() throws {
    let partial = blob + ".incomplete"
    let isKilled = Atomic(false)
    pauseTheWeights { waitUntil { isKilled.load(ordering: .relaxed) } }
    let first = try start()
    waitUntil { (try? treeSize(partial)) == 150_000 }
    first.send(SIGKILL)
    let status = try first.wait().status
    isKilled.store(true, ordering: .relaxed)
    #expect(status == 128 + SIGKILL)
    #expect(!entryExists(blob) && !fileExists(hub.directory + "/refs/main"))
    let second = try start().wait()
    #expect(second.status == 0, "\(second.errors)")
    #expect(hub.storage.requests.map(\.offset) == [nil, 150_000])
    #expect(try readFile(blob) == ToyHub.weights)
    #expect(try directoryEntries(hub.directory + "/blobs").filter { $0.contains("incomplete") } == [])
  }

  /// While one process is at the weights another one starts: it waits for the first.
  @Test func twoProcesses() throws {
    let (server, storage) = (hub.server, hub.storage)
    pauseTheWeights {
      waitUntil { server.requests.filter { $0.method == "HEAD" && $0.path.hasSuffix("/model.safetensors") }.count == 2 }
    }
    let first = try start()
    waitUntil { storage.requests.count == 1 }
    let result = try start().wait()
    #expect(try first.wait().status == 0)
    #expect(result.status == 0, "\(result.errors)")
    #expect(storage.requests.count == 1)
    #expect(try readFile(result.output.dropLast() + "/model.safetensors") == ToyHub.weights)
  }
}

/// Looks again and again, for as long as a test may last at all.
private func waitUntil(_ condition: () -> Bool) {
  for _ in 0..<10_000 where !condition() { usleep(1000) }
}

/// Whether this is the first to ask.
private func firstOnly(_ isFirst: inout Bool) -> Bool {
  defer { isFirst = false }
  return isFirst
}
