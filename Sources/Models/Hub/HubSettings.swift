internal import Downloads
internal import Files

/// Which hub, which cache, and who asks; from the variables that huggingface_hub reads.
public struct HubSettings: Sendable {
  /// Without a slash at the end.
  public var endpoint: String
  /// The directory with `models--owner--name` in it.
  public var cache: String
  public var token: String?
  /// Only the cache.
  public var isOffline: Bool

  public init(endpoint: String, cache: String, token: String? = nil, isOffline: Bool = false) {
    (self.endpoint, self.cache, self.token, self.isOffline) = (endpoint, cache, token, isOffline)
  }

  /// `HF_ENDPOINT`, `HF_HOME`, `HF_HUB_CACHE`, `HF_TOKEN`, `HF_HUB_OFFLINE` and those that stand in for them.
  ///
  /// - Parameter environment: the value of a variable, or nil.
  /// - Throws: `HubError.badSetting`; `FileError` where there is a token that cannot be read.
  public init(environment: (String) -> String?) throws {
    func value(_ names: String...) -> String? {
      names.lazy.compactMap(environment).first { !$0.isEmpty }
    }
    func path(_ text: String) throws -> String { try expanded(text, home: environment("HOME")) }
    endpoint = value("HF_ENDPOINT") ?? "https://huggingface.co"
    while endpoint.hasSuffix("/") { endpoint.removeLast() }
    guard endpoint.hasPrefix("https://") || endpoint.hasPrefix("http://") else {
      throw HubError.badSetting(variable: "HF_ENDPOINT", reason: "\(endpoint) begins with neither https:// nor http://")
    }
    let home = try path(value("HF_HOME") ?? (value("XDG_CACHE_HOME") ?? "~/.cache") + "/huggingface")
    cache = try path(value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE") ?? home + "/hub")
    isOffline = isTrue(value("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"))
    token =
      try value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") ?? readToken(path(value("HF_TOKEN_PATH") ?? home + "/token"))
    token = token.map { String($0.filter { !$0.isWhitespace }) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}

private func expanded(_ path: String, home: String?) throws -> String {
  guard path == "~" || path.hasPrefix("~/") else { return path }
  guard let home else {
    throw HubError.badSetting(
      variable: "HF_HOME", reason: "not set, and neither is HOME: there is no place for a cache")
  }
  return home + path.dropFirst()
}

/// As huggingface_hub reads it.
private func isTrue(_ value: String?) -> Bool {
  ["1", "ON", "YES", "TRUE"].contains(value?.uppercased())
}

private func readToken(_ path: String) throws -> String? {
  fileExists(path) ? String(decoding: try readFile(path, limit: 1 << 16), as: UTF8.self) : nil
}
