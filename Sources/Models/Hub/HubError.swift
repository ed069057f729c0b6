internal import Downloads
public import Reporting

/// What can go wrong between a model's name and its files.
public enum HubError: ReportableError, Equatable {
  // The name
  case malformedName(String, reason: String)
  /// A path that does not exist; `suggestion` is one that does.
  case noSuchPath(String, suggestion: String?)
  /// A directory of the owner's name is here, so the name is taken for a path.
  case pathOrName(String, suggestion: String?)
  // The settings
  case badSetting(variable: String, reason: String)
  // What the hub says
  case notPermitted(name: String, endpoint: String, hasToken: Bool)
  case noRepository(name: String, endpoint: String)
  case noRevision(name: String, revision: String)
  case notAHub(endpoint: String, reason: String)
  // What the repository holds
  case noWeights(name: String, others: [String])
  case noConfiguration(name: String)
  case badIndex(name: String, reason: String)
  // The cache
  case notCached(name: String, cache: String)
  case damagedCache(path: String, reason: String)

  /// What happened, where, and what to do.
  public var description: String {
    switch self {
    case .malformedName(let name, let reason):
      "\(printable(name)): no such file or directory, and no hub name: \(reason)"
    case .noSuchPath(let path, let suggestion):
      "\(printable(path)): no such file or directory\(hint(suggestion))"
    case .pathOrName(let name, let suggestion):
      "\(printable(name)): no such file or directory\(hint(suggestion)); if the hub's model is meant, write \(printable(name))@main"
    case .badSetting(let variable, let reason):
      "\(variable): \(printable(reason))"
    case .notPermitted(let name, let endpoint, let hasToken):
      "\(printable(name)): \(shown(endpoint)) does not let us have it. "
        + (hasToken ? "The token may lack the right, or the" : "No token was given, or there is no such model. A")
        + " model may be gated: accept its terms on its page, and set HF_TOKEN to a token that may read it"
    case .noRepository(let name, let endpoint):
      "\(printable(name)): there is no such model on \(shown(endpoint)); check owner and name"
    case .noRevision(let name, let revision):
      "\(printable(name)): it has no branch, tag or commit \(printable(revision))"
    case .notAHub(let endpoint, let reason):
      "\(shown(endpoint)): does not answer as a hub does: \(printable(reason)); check HF_ENDPOINT and the proxy"
    case .noWeights(let name, let others):
      noWeightsText(name, others)
    case .noConfiguration(let name):
      "\(printable(name)): has neither config.json nor open_clip_config.json, so nothing says what model it is"
    case .badIndex(let name, let reason):
      "\(printable(name)): model.safetensors.index.json: \(printable(reason))"
    case .notCached(let name, let cache):
      "\(printable(name)): not in the cache \(printable(cache)), and HF_HUB_OFFLINE forbids to fetch it; fetch it where there is a network, or unset HF_HUB_OFFLINE"
    case .damagedCache(let path, let reason):
      "\(printable(path)): \(printable(reason)); delete it and run the same command again"
    }
  }

  /// 64 for a name that cannot be one, 66 for what is not there, 65 for what cannot be used, 69 for a strange server.
  public var exitCode: ExitCode {
    switch self {
    case .malformedName, .badSetting: .usage
    case .noSuchPath, .pathOrName, .notPermitted, .noRepository, .noRevision, .notCached: .missingInput
    case .noWeights, .noConfiguration, .badIndex, .damagedCache: .badData
    case .notAHub: .network
    }
  }
}

private func hint(_ suggestion: String?) -> String {
  suggestion.map { "; did you mean \(printable($0))?" } ?? "; check the path"
}

/// The two ways out: weights that somebody else converted, and converting them.
private func noWeightsText(_ name: String, _ others: [String]) -> String {
  let repository = name.prefix { $0 != "@" }
  let found = others.isEmpty ? "no weights that mmtrain knows" : "weights only as \(others.joined(separator: ", "))"
  return """
    \(printable(name)): has \(found); mmtrain reads safetensors, since the other forms are programs that run as they are read.
      A conversion may wait as a pull request on its page: write \(printable(repository))@refs/pr/NUMBER \
    (for openai/clip-vit-base-patch32 it is 15).
      Or convert it once in Python: python -c "from transformers import AutoModel; \
    AutoModel.from_pretrained('\(printable(repository))').save_pretrained('DIRECTORY')", and name DIRECTORY here
    """
}
