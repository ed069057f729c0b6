internal import Files
internal import Reporting

/// The data sets that mmtrain knows by name.
public enum Catalogue {
  /// Names and texts of the built-in manifests, in the order of the names.
  package static let texts = builtInManifests

  /// All that are known, in the order of their names.
  ///
  /// - Throws: `ManifestError`, were a built-in manifest wrong.
  public static func all() throws(ManifestError) -> [SourceManifest] {
    var manifests: [SourceManifest] = []
    for (name, text) in texts { manifests.append(try SourceManifest(yaml: text, path: "datasets/\(name).yaml")) }
    return manifests
  }

  /// The manifest that `text` stands for: a path where it looks like one or is one, else a name.
  ///
  /// - Parameter others: further names, for the suggestion.
  /// - Throws: `CatalogueError`, `ManifestError`, `FileError`.
  public static func manifest(_ text: String, others: [String] = []) throws -> SourceManifest {
    if isManifestPath(text) {
      guard fileExists(text) else { throw CatalogueError.noManifest(text, suggestion: neighbour(of: text)) }
      return try SourceManifest(file: text)
    }
    let known = try all()
    if let manifest = known.first(where: { $0.name == text }) { return manifest }
    let (name, names) = (text.lowercased(), known.map(\.name) + others)
    let begun = names.first { name.count >= 3 && $0.hasPrefix(name) }
    throw CatalogueError.unknownName(text, suggestion: begun ?? nearest(to: name, among: names))
  }

  /// Whether `text` is the path of a manifest rather than a name.
  public static func isManifestPath(_ text: String) -> Bool {
    let name = text.lowercased()
    return text.contains("/") || name.hasSuffix(".yaml") || name.hasSuffix(".yml")
      || fileExists(text) && !isDirectory(text)
  }
}

/// The manifest in the same directory whose name is most like that of `path`.
private func neighbour(of path: String) -> String? {
  let parent = parentDirectory(of: path)
  let names = ((try? directoryEntries(parent)) ?? []).filter { $0.hasSuffix(".yaml") || $0.hasSuffix(".yml") }
  guard let name = nearest(to: lastComponent(of: path), among: names) else { return nil }
  return path.contains("/") ? (parent == "/" ? "" : parent) + "/" + name : name
}
