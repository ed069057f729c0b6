import Files
import Hub
import Reporting
import Synchronization
import TestSupport
import Testing

@Suite struct FaultTests {
  let resolve: Resolving
  var hub: ToyHub { resolve.hub }

  init() throws { resolve = try Resolving() }

  @Test func weightsThatAreRefused() throws {
    hub.contents.files.withLock {
      $0["model.safetensors"] = nil
      $0["pytorch_model.bin"] = [1]
    }
    let refusal = try #require(resolve.refusal())
    #expect(refusal.code == .badData)
    for word in ["pytorch_model.bin", "refs/pr/", "save_pretrained"] { #expect(refusal.text.contains(word)) }
    #expect(!hub.storage.requests.contains { $0.method == "GET" }, "what is refused is not fetched")
  }

  @Test func noConfiguration() throws {
    hub.contents.files.withLock { $0 = ["model.safetensors": [1]] }
    #expect(resolve.refusal()?.code == .badData)
  }

  @Test(arguments: [401, 403], ["", "hf_x"])
  func noPermission(status: Int, token: String) throws {
    hub.interfere { _ in LoopbackAnswer(status, [("X-Error-Code", "GatedRepo")]) }
    let refusal = try #require(resolve.refusal("owner/model", ["HF_TOKEN": token]))
    #expect(refusal.code == .missingInput)
    #expect(refusal.text.contains("HF_TOKEN") && refusal.text.contains("gated"))
    #expect(!refusal.text.contains("hf_x"), "a token is never shown")
    #expect(resolve.waits.isEmpty && hub.requestCount == 1)
  }

  /// The look-up is free for all, the content is not.
  @Test func noPermissionForTheContent() throws {
    hub.interfere { $0.method == "GET" && $0.path.hasSuffix("/model.safetensors") ? LoopbackAnswer(403) : nil }
    #expect(try #require(resolve.refusal()).text.contains("HF_TOKEN"))
  }

  /// A cache that somebody else filled, for all to read.
  @Test func aCacheThatCannotBeWrittenTo() throws {
    let path = try resolve()
    try removeTree(hub.directory + "/.no_exist")
    let readOnly = DiskHook { call, path in throw FileError.system(call: call, path: path, code: 30) }
    #expect(try withDiskHook(readOnly) { try resolve() } == path)
    #expect(try withDiskHook(readOnly) { try resolve("owner/model@" + hub.commit) } == path)
    let code = withDiskHook(readOnly) { resolve.refusal("owner/model@v1")?.code }
    #expect(code == .cannotCreateOutput)
  }

  @Test func whatIsNotThere() throws {
    #expect(try #require(resolve.refusal("owner/other")).text.contains("no such model"))
    let refusal = try #require(resolve.refusal("owner/model@v2"))
    #expect(refusal.code == .missingInput && refusal.text.contains("v2"))
    hub.interfere { _ in LoopbackAnswer(404) }
    #expect(resolve.refusal("a/b")?.code == .missingInput)
    #expect(resolve.waits.isEmpty)
  }

  /// A server that is not a hub, or stands between us and one.
  @Test(arguments: [
    [("Content-Type", "text/html")], [("X-Repo-Commit", "main"), ("ETag", "\"a\"")],
    [("X-Repo-Commit", "../../../../tmp/0123456789abcdef01234567"), ("ETag", "\"a\"")],
    [("X-Repo-Commit", String(repeating: "a", count: 40)), ("ETag", "\"../../x\"")],
    [("X-Repo-Commit", String(repeating: "a", count: 40)), ("ETag", "W/\"abc\"")],
    [("X-Repo-Commit", String(repeating: "a", count: 40))],
    [
      ("X-Repo-Commit", String(repeating: "a", count: 40)), ("ETag", String(repeating: "a", count: 40)),
      ("X-Linked-Size", "-1"),
    ],
  ])
  func noHub(headers: [(String, String)]) throws {
    hub.interfere { _ in LoopbackAnswer(200, headers, Array("<html>".utf8)) }
    let refusal = try #require(resolve.refusal())
    #expect(refusal.code == .network && refusal.text.contains("HF_ENDPOINT"))
    #expect(try directoryEntries(hub.cache.path) == [])
  }

  /// Every wrong byte is found, in large and in small files, and no trace of it is left where a model would be.
  @Test(arguments: ["model.safetensors", "config.json"])
  func wrongBytes(file: String) throws {
    hub.interfere { request in
      guard request.method == "GET", request.path.contains(file), !request.path.contains("/resolve/"),
        var bytes = ToyHub.model[file]
      else { return nil }
      bytes[bytes.count / 2] ^= 1
      return LoopbackAnswer(200, [], bytes)
    }
    let refusal = try #require(resolve.refusal())
    #expect(refusal.code == .badData && refusal.text.contains("hashes to"))
    #expect(!entryExists("\(hub.directory)/snapshots/\(hub.commit)/\(file)"))
    #expect(!fileExists(hub.directory + "/refs/main"))
    let blobs = (try? directoryEntries(hub.directory + "/blobs")) ?? []
    for blob in blobs {
      let bytes = try readFile(hub.directory + "/blobs/" + blob)
      #expect([sha256(bytes), gitName(bytes)].contains(blob))
    }
    hub.interfere { _ in nil }
    #expect(try readFile(resolve() + "/" + file) == ToyHub.model[file])
  }

  @Test func aPatientClient() throws {
    let count = Mutex(0)
    hub.interfere { _ in
      let number = count.withLock { count in
        count += 1
        return count
      }
      switch number {
      case 1: return LoopbackAnswer(503)
      case 2: return LoopbackAnswer(429, [("Retry-After", "7")])
      default: return nil
      }
    }
    _ = try resolve()
    #expect(resolve.waits == [1, 7])
    #expect(resolve.text.contains("503") && resolve.text.contains("429"))
  }

  @Test func aServerThatStaysBroken() throws {
    hub.interfere { _ in LoopbackAnswer(500) }
    #expect(resolve.refusal()?.code == .network)
    #expect(resolve.waits == [1, 2, 4, 8, 16])
  }

  @Test func offline() throws {
    let offline = ["HF_HUB_OFFLINE": "1"]
    let refusal = try #require(resolve.refusal("owner/model", offline))
    #expect(refusal.code == .missingInput && refusal.text.contains("HF_HUB_OFFLINE"))
    let path = try resolve()
    let count = hub.requestCount
    #expect(try resolve("owner/model", offline) == path)
    #expect(try resolve("owner/model@" + hub.commit, offline) == path)
    #expect(resolve.refusal("owner/model@v1", offline)?.code == .missingInput)
    #expect(hub.requestCount == count)
  }

  /// The hub breaks down, or nobody is at its address: an older copy serves, with a warning, and no time is lost.
  @Test(arguments: [true, false])
  func theNetworkFailsAndTheCacheServes(isThere: Bool) throws {
    let path = try resolve()
    hub.interfere { _ in LoopbackAnswer(502) }
    let endpoint = isThere ? hub.server.url : "http://127.0.0.1:1"
    #expect(try resolve("owner/model", ["HF_ENDPOINT": endpoint]) == path)
    #expect(resolve.text.contains("warning: ") && resolve.text.contains(hub.commit))
    #expect(resolve.waits.isEmpty)
  }

  /// The branch has moved, but its new weights do not arrive: the old commit is still what `main` means here.
  @Test func theNewWeightsDoNotArrive() throws {
    let path = try resolve()
    hub.contents.commit.withLock { $0 = String(repeating: "b", count: 40) }
    hub.contents.files.withLock { $0["model.safetensors"] = [1, 2, 3] }
    hub.interfere { $0.path.contains("/storage/") ? LoopbackAnswer(503) : nil }
    #expect(try resolve() == path)
    #expect(try resolve("owner/model", ["HF_HUB_OFFLINE": "1"]) == path)
    hub.interfere { _ in nil }
    #expect(try readFile(resolve() + "/model.safetensors") == [1, 2, 3])
  }

  @Test func aBlobOfTheWrongSize() throws {
    let path = try resolve()
    let blob = hub.directory + "/blobs/" + sha256(ToyHub.weights)
    try removeTree(path)
    try writeAtomically([1], to: blob)
    let refusal = try #require(resolve.refusal())
    #expect(refusal.code == .badData && refusal.text.contains(blob))
  }
}

@Suite struct HubErrorTests {
  @Test func aPasswordInTheEndpointIsNotShown() {
    let endpoint = "https://user:secret@hub.example"
    let errors: [HubError] = [
      .notPermitted(name: "a/b", endpoint: endpoint, hasToken: false), .noRepository(name: "a/b", endpoint: endpoint),
      .notAHub(endpoint: endpoint, reason: "no"),
    ]
    for error in errors {
      #expect(error.description.contains("https://hub.example") && !error.description.contains("secret"), "\(error)")
    }
  }
}
