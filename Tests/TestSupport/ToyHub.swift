internal import Files
public import Synchronization

/// A hub on this machine with one model, `owner/model`, that answers as huggingface.co does: a file in large storage is
/// pointed to on another host, a small one on another path of the same host.
public final class ToyHub: Sendable {
  /// What is on it; may change while it runs.
  public final class Contents: Sendable {
    /// Of the branch `main`.
    public let commit = Mutex("0123456789abcdef0123456789abcdef01234567")
    public let files = Mutex(ToyHub.model)
    /// What it says instead, where that is not nil.
    public let interference = Mutex<@Sendable (LoopbackRequest) -> LoopbackAnswer?>({ _ in nil })
  }

  /// What it begins with.
  public static let model: [String: [UInt8]] = [
    "config.json": Array(#"{"model_type": "clip"}"#.utf8),
    "preprocessor_config.json": Array(#"{"size": 224}"#.utf8),
    "tokenizer.json": Array("{}".utf8),
    "model.safetensors": weights,
  ]
  public static let weights = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 13) }

  public let contents = Contents()
  public let server: LoopbackServer
  public let storage: LoopbackServer
  public let cache: TemporaryDirectory

  public init() throws {
    cache = try TemporaryDirectory(inMemory: true)
    storage = try LoopbackServer { [contents] request in
      if let answer = contents.interference.withLock({ $0 })(request) { return answer }
      let name = String(request.path.dropFirst("/storage/".count).prefix { $0 != "?" })
      guard let bytes = contents.files.withLock({ $0[name] }) else { return LoopbackAnswer(404) }
      return .file(bytes, etag: "\"storage-\(bytes.count)\"", to: request)
    }
    server = try LoopbackServer { [contents, place = storage.url] request in
      contents.interference.withLock { $0 }(request) ?? contents.answer(request, storage: place)
    }
  }

  /// The model's part of the cache.
  public var directory: String { cache("models--owner--model") }
  public var commit: String { contents.commit.withLock { $0 } }
  /// What points huggingface_hub and mmtrain here, with a token.
  public var environment: [String: String] {
    ["HF_ENDPOINT": server.url, "HF_HUB_CACHE": cache.path, "HF_HOME": cache("home"), "HF_TOKEN": "hf_secret"]
  }
  /// Requests to either server.
  public var requestCount: Int { server.requests.count + storage.requests.count }

  /// Says something else to the requests that `body` has an answer for.
  public func interfere(_ body: @escaping @Sendable (LoopbackRequest) -> LoopbackAnswer?) {
    contents.interference.withLock { $0 = body }
  }
}

extension ToyHub.Contents {
  fileprivate func answer(_ request: LoopbackRequest, storage: String) -> LoopbackAnswer {
    let commit = commit.withLock { $0 }
    let parts = request.path.split(separator: "/").map(String.init)
    if parts.starts(with: ["api", "resolve-cache"]), let bytes = files.withLock({ $0[parts[parts.count - 1]] }) {
      var answer = LoopbackAnswer.file(bytes, etag: "\"\(gitName(bytes))\"", to: request)
      answer.headers.append((name: "X-Repo-Commit", value: commit))
      return answer
    }
    guard parts.count == 5, parts[0...2] == ["owner", "model", "resolve"] else {
      return LoopbackAnswer(404, [("X-Error-Code", "RepoNotFound")])
    }
    guard ["main", "v1", "refs%2Fpr%2F15", commit].contains(parts[3]) else {
      return LoopbackAnswer(404, [("X-Error-Code", "RevisionNotFound")])
    }
    let head = [("X-Repo-Commit", commit)]
    guard let bytes = files.withLock({ $0[parts[4]] }) else {
      return LoopbackAnswer(404, head + [("X-Error-Code", "EntryNotFound")], Array("Entry not found".utf8))
    }
    if parts[4].hasSuffix(".safetensors") || parts[4].hasSuffix(".bin") {
      let linked = [("X-Linked-Etag", "\"\(sha256(bytes))\""), ("X-Linked-Size", "\(bytes.count)")]
      return LoopbackAnswer(
        302, head + linked + [("Location", "\(storage)/storage/\(parts[4])?signature=x")], Array("Found".utf8))
    }
    return LoopbackAnswer(307, head + [("Location", "/api/resolve-cache/models/owner/model/\(commit)/\(parts[4])")])
  }
}

/// The name that git gives to a file.
public func gitName(_ bytes: [UInt8]) -> String {
  let hasher = ContentHasher(.gitBlob("", size: bytes.count))
  bytes.withUnsafeBytes { hasher.update($0) }
  return hasher.finish()
}
