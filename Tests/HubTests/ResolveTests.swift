import Downloads
import Files
import Hub
import Reporting
import TestSupport
import Testing

@Suite struct ResolveTests {
  @Test func aModelByName() throws {
    let hub = try ToyHub()
    let path = try hub.resolve()
    #expect(path == "\(hub.directory)/snapshots/\(hub.commit)")
    for (name, bytes) in ToyHub.model {
      #expect(try readFile(path + "/" + name) == bytes)
      let etag = name == "model.safetensors" ? sha256(bytes) : gitName(bytes)
      #expect(linkTarget(path + "/" + name) == "../../blobs/" + etag)
    }
    #expect(try directoryEntries(path) == ToyHub.model.keys.sorted())
    #expect(try directoryEntries(hub.directory + "/blobs").count == ToyHub.model.count)
    #expect(try readFile(hub.directory + "/refs/main") == Array(hub.commit.utf8))
    let count = hub.requestCount
    #expect(try hub.resolve() == path)
    #expect(hub.requestCount - count == 2, "the branch is looked up again, by one redirected HEAD")
  }

  /// The token is for the hub and not for where it points to.
  @Test func theTokenStaysAtHome() throws {
    let hub = try ToyHub()
    _ = try hub.resolve()
    #expect(hub.server.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    #expect(hub.storage.requests.count == 1)
    #expect(hub.storage.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test func aCommitThatIsCachedNeedsNoNetwork() throws {
    let hub = try ToyHub()
    let name = "owner/model@" + hub.commit
    let path = try hub.resolve(name)
    let count = hub.requestCount
    #expect(try hub.resolve(name) == path)
    #expect(hub.requestCount == count)
  }

  @Test(arguments: ["v1", "refs/pr/15"])
  func otherRevisions(revision: String) throws {
    let hub = try ToyHub()
    let path = try hub.resolve("owner/model@" + revision)
    #expect(path == "\(hub.directory)/snapshots/\(hub.commit)")
    #expect(try readFile(hub.directory + "/refs/" + revision) == Array(hub.commit.utf8))
  }
}
