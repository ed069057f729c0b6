public import Downloads
internal import Files
public import Reporting

/// Where a model is, from how it was named: a directory, a file of weights, or a name on the hub.
public enum ModelSource: Equatable, Sendable {
  case path(String)
  case hub(HubName)

  /// What exists is a path. What begins with `/`, `./`, `../` or `~`, ends in `/` or `.safetensors`, or has more than one
  /// slash before its revision can be nothing else. All else is a hub name.
  ///
  /// - Throws: `HubError`, with what the name may have been meant to be.
  public init(_ text: String) throws(HubError) {
    if fileExists(text) {
      self = .path(text)
      return
    }
    let slashes = text.prefix { $0 != "@" }.filter { $0 == "/" }.count
    let isPath =
      [".", "/", "~"].contains(where: text.hasPrefix) || [".safetensors", "/"].contains(where: text.hasSuffix)
    if isPath || slashes > 1 { throw .noSuchPath(text, suggestion: neighbour(of: text)) }
    if slashes == 0, let suggestion = neighbour(of: text) { throw .noSuchPath(text, suggestion: suggestion) }
    let name = try HubName(text)
    if name.revision == nil, isDirectory(name.owner) {
      throw .pathOrName(text, suggestion: neighbour(of: text))
    }
    self = .hub(name)
  }
}

/// The directory or file of the model that `text` names, fetched if it has to be. To be called by one rank, which tells
/// the others: they must not all fetch.
///
/// - Parameters:
///   - text: a directory, a file `.safetensors`, or a hub name such as `openai/clip-vit-base-patch32@main`.
///   - environment: the value of a variable, or nil (see `HubSettings`).
///   - output: where progress and warnings go.
///   - retries: what to do when the network fails.
/// - Throws: `HubError`, `DownloadError`, `FileError`.
public func resolveModel(
  _ text: String, environment: (String) -> String?, output: ProgressOutput, retries: RetryPolicy = RetryPolicy()
) throws -> String {
  switch try ModelSource(text) {
  case .path(let path):
    return path
  case .hub(let name):
    let settings = try HubSettings(environment: environment)
    let client = HubClient(settings: settings, http: HTTPClient(), retries: retries, output: output)
    return try ModelFetch(name, client: client).directory()
  }
}

/// The entry of the same directory whose name is most like the last component of `path`.
private func neighbour(of path: String) -> String? {
  let parent = parentDirectory(of: path)
  guard let entries = try? directoryEntries(parent),
    let name = nearest(to: lastComponent(of: path), among: entries)
  else { return nil }
  return path.contains("/") ? (parent == "/" ? "/" : parent + "/") + name : name
}
