internal import Reporting

/// How a message about the unknown key `path` ends: with the key that was probably meant.
func suggestion(forUnknownKey path: String) -> String {
  guard let guess = likelyKey(for: path) else { return "; docs/configuration.md lists the keys" }
  return "; did you mean \(guess)?"
}

/// The same name elsewhere, a name that other programs use, or the nearest spelling.
private func likelyKey(for path: String) -> String? {
  let parts = path.split(separator: ".")
  guard let name = parts.last.map(String.init) else { return nil }
  let section = parts.dropLast().joined(separator: ".")
  let keys = ConfigurationKey.all
  if let key = keys.first(where: { $0.otherNames.contains(path) }) { return key.path }
  let siblings = keys.filter { $0.path.dropLast($0.name.count).dropLast() == section }
  if let key = siblings.first(where: { $0.otherNames.contains(name) }) { return key.path }
  if let guess = nearest(to: name, among: siblings.map { String($0.name) }) {
    return section.isEmpty ? guess : section + "." + guess
  }
  if let key = keys.first(where: { $0.name == name || $0.otherNames.contains(name) }) { return key.path }
  return nearest(to: path, among: keys.map(\.path) + ConfigurationKey.sections)
}
