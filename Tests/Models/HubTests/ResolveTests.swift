import Files
import Reporting
import Synchronization
import TestSupport
import Testing

@Suite struct ResolveTests {
  let resolve: Resolving
  var hub: ToyHub { resolve.hub }
  var snapshot: String { "\(hub.directory)/snapshots/\(hub.commit)" }

  init() throws { resolve = try Resolving() }

  @Test func aModelByName() throws {
    let path = try resolve()
    #expect(path == snapshot)
    for (name, bytes) in ToyHub.model {
      #expect(try readFile(path + "/" + name) == bytes)
      let etag = name == "model.safetensors" ? sha256(bytes) : gitName(bytes)
      #expect(linkTarget(path + "/" + name) == "../../blobs/" + etag)
    }
    #expect(try directoryEntries(path) == ToyHub.model.keys.sorted())
    #expect(try directoryEntries(hub.directory + "/blobs").count == ToyHub.model.count)
    #expect(try readFile(hub.directory + "/refs/main") == Array(hub.commit.utf8))
    #expect(entryExists("\(hub.directory)/.no_exist/\(hub.commit)/vocab.txt"))
    let count = hub.requestCount
    #expect(try resolve() == path)
    #expect(hub.requestCount - count == 2, "the branch is looked up again, by one redirected HEAD")
  }

  /// The token is for the hub and not for where it points to.
  @Test func theTokenStaysAtHome() throws {
    _ = try resolve()
    #expect(hub.server.requests.allSatisfy { $0.headers["authorization"] == "Bearer hf_secret" })
    #expect(hub.storage.requests.count == 1)
    #expect(hub.storage.requests.allSatisfy { $0.headers["authorization"] == nil })
  }

  @Test func aCommitThatIsCachedNeedsNoNetwork() throws {
    let name = "owner/model@" + hub.commit
    let path = try resolve(name)
    let count = hub.requestCount
    #expect(try resolve(name) == path)
    #expect(hub.requestCount == count)
  }

  @Test(arguments: ["v1", "refs/pr/15"])
  func otherRevisions(revision: String) throws {
    #expect(try resolve("owner/model@" + revision) == snapshot)
    #expect(try readFile(hub.directory + "/refs/" + revision) == Array(hub.commit.utf8))
  }

  @Test func onlyOpenCLIPsFiles() throws {
    hub.contents.files.withLock { $0 = ["open_clip_config.json": [123, 125], "open_clip_model.safetensors": [1]] }
    #expect(try directoryEntries(resolve()) == ["open_clip_config.json", "open_clip_model.safetensors"])
  }

  /// transformers 5 keeps a model's processors together.
  @Test func theProcessorComesAlong() throws {
    let processor = Array(#"{"image_processor": {"size": 224}}"#.utf8)
    hub.contents.files.withLock { $0["processor_config.json"] = processor }
    let path = try resolve()
    #expect(try readFile(path + "/processor_config.json") == processor)
    #expect(try readFile(path + "/preprocessor_config.json") == ToyHub.model["preprocessor_config.json"])
    #expect(try resolve("owner/model", ["HF_HUB_OFFLINE": "1"]) == path)
  }

  /// Where both pairs of files are there, those weights are fetched, and no others, that belong to the architecture: the
  /// whole model's, where `config.json` is of timm's image tower alone.
  @Test(arguments: [
    (#"{"architecture": "vit_base_patch32_clip_224", "num_classes": 512}"#, "open_clip_model.safetensors"),
    (#"{"model_type": "clip"}"#, "model.safetensors"),
    (#"{"model_type": "timm_wrapper", "architecture": "fastvit_mci1"}"#, "open_clip_model.safetensors"),
  ])
  func theWeightsOfTheArchitecture(configuration: String, weights: String) throws {
    hub.contents.files.withLock {
      $0["config.json"] = Array(configuration.utf8)
      $0["open_clip_config.json"] = Array(#"{"model_cfg": {}}"#.utf8)
      $0["open_clip_model.safetensors"] = [1, 2, 3]
    }
    let path = try resolve()
    let fetched = try directoryEntries(path)
    #expect(fetched.filter { $0.hasSuffix(".safetensors") } == [weights])
    #expect(fetched.contains("config.json") && fetched.contains("open_clip_config.json"))
    #expect(hub.storage.requests.count == 1)
    #expect(try resolve("owner/model", ["HF_HUB_OFFLINE": "1"]) == path)
  }

  @Test func weightsInShards() throws {
    let index =
      #"{"weight_map": {"a": "model-1-of-2.safetensors", "b": "model-2-of-2.safetensors", "c": "model-1-of-2.safetensors"}}"#
    hub.contents.files.withLock {
      $0["model.safetensors"] = nil
      $0["model.safetensors.index.json"] = Array(index.utf8)
      $0["model-1-of-2.safetensors"] = [1]
      $0["model-2-of-2.safetensors"] = [2]
    }
    let path = try resolve()
    #expect(try readFile(path + "/model-1-of-2.safetensors") == [1])
    #expect(try readFile(path + "/model-2-of-2.safetensors") == [2])
    #expect(try resolve("owner/model", ["HF_HUB_OFFLINE": "1"]) == path)
    try removeTree(path + "/model-2-of-2.safetensors")
    #expect(resolve.refusal("owner/model", ["HF_HUB_OFFLINE": "1"])?.code == .missingInput)
  }

  @Test(arguments: [
    #"{"weight_map": {"a": "../model.safetensors"}}"#, #"{"weight_map": {"a": "/etc/x.safetensors"}}"#,
    #"{"weight_map": {"a": "x/y.safetensors"}}"#, #"{"weight_map": {"a": "..safetensors"}}"#,
    #"{"weight_map": {"a": "weights.bin"}}"#, #"{"weight_map": {"a": "a\u0000b.safetensors"}}"#,
    #"{"weight_map": {"a": "a?b.safetensors"}}"#, #"{"weight_map": {}}"#, #"{"weight_map": []}"#, "{}", "", "[1",
    #"{"weight_map": {"a": "missing.safetensors"}}"#,
  ])
  func hostileIndices(index: String) throws {
    hub.contents.files.withLock {
      $0["model.safetensors"] = nil
      $0["model.safetensors.index.json"] = Array(index.utf8)
    }
    let refusal = try #require(resolve.refusal())
    #expect(refusal.code == .badData && refusal.text.contains("model.safetensors.index.json"))
    #expect(!hub.server.requests.contains { $0.path.contains("..") || $0.path.contains("etc") })
    #expect(!fileExists(hub.directory + "/refs/main"))
  }

  /// The branch moves: the new commit is another snapshot, what did not change is not fetched again.
  @Test func theBranchMoves() throws {
    let old = try resolve()
    hub.contents.commit.withLock { $0 = String(repeating: "b", count: 40) }
    hub.contents.files.withLock { $0["config.json"] = Array("{}".utf8) }
    let new = try resolve()
    #expect(new == snapshot && new != old)
    #expect(try readFile(new + "/config.json") == Array("{}".utf8))
    #expect(try readFile(old + "/config.json") == ToyHub.model["config.json"])
    #expect(hub.storage.requests.count == 1, "the weights are the same blob")
  }
}
