import Files
import TestSupport
import Testing

/// One cache, two programs.
@Suite(.enabled(if: python != nil, "MMTRAIN_PYTHON names no Python with huggingface_hub"))
struct PythonHubTests {
  private func runPython(_ script: String, _ environment: [String: String]) throws -> String {
    var all = environment
    all["HF_HUB_DISABLE_XET"] = "1"
    all["NO_PROXY"] = "127.0.0.1,localhost"
    let result = try run(try #require(python), ["-c", script], environment: all, timeout: 120)
    try #require(result.status == 0, "\(result.errors)")
    return result.output
  }

  @Test func pythonReadsOurCache() throws {
    let resolve = try Resolving()
    let path = try resolve()
    let count = resolve.hub.requestCount
    let output = try runPython(
      """
      import hashlib
      from huggingface_hub import _CACHED_NO_EXIST, hf_hub_download, scan_cache_dir, snapshot_download, try_to_load_from_cache
      print(snapshot_download("owner/model"))
      print(hashlib.sha256(open(hf_hub_download("owner/model", "model.safetensors"), "rb").read()).hexdigest())
      assert try_to_load_from_cache("owner/model", "vocab.txt") is _CACHED_NO_EXIST
      cache = scan_cache_dir()
      assert not cache.warnings, cache.warnings
      [repo] = cache.repos
      [revision] = repo.revisions
      print(repo.repo_id, repo.repo_type, revision.commit_hash, *sorted(revision.refs), len(revision.files))
      """, resolve.hub.environment.merging(["HF_HUB_OFFLINE": "1"]) { $1 })
    let lines = output.split(separator: "\n").map(String.init)
    #expect(lines == [path, sha256(ToyHub.weights), "owner/model model \(resolve.hub.commit) main 4"])
    #expect(resolve.hub.requestCount == count)
  }

  @Test func weReadPythonsCache() throws {
    let resolve = try Resolving()
    _ = try runPython(
      """
      from huggingface_hub import hf_hub_download
      for name in ["config.json", "preprocessor_config.json", "tokenizer.json", "model.safetensors"]:
        hf_hub_download("owner/model", name)
      """, resolve.hub.environment)
    let path = "\(resolve.hub.directory)/snapshots/\(resolve.hub.commit)"
    let content = resolve.hub.storage.requests.filter { $0.method == "GET" }.count
    #expect(content == 1)
    #expect(try resolve("owner/model", ["HF_HUB_OFFLINE": "1"]) == path)
    #expect(try resolve() == path)
    #expect(resolve.hub.storage.requests.filter { $0.method == "GET" }.count == content, "nothing is fetched again")
    for (name, bytes) in ToyHub.model { #expect(try readFile(path + "/" + name) == bytes) }
  }
}
