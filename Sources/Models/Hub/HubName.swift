internal import Reporting

/// The name of a model on the hub: `owner/name`, or `owner/name@revision`.
public struct HubName: Equatable, Sendable, CustomStringConvertible {
  public var owner: String
  public var name: String
  /// A branch, a tag, a commit or a reference such as `refs/pr/15`; nil where none was named.
  public var revision: String?

  /// `owner/name`.
  public var repository: String { owner + "/" + name }

  public var description: String { repository + (revision.map { "@" + $0 } ?? "") }

  /// Reads a name, by the hub's own rules (huggingface_hub, `validate_repo_id`): letters, digits, `-`, `_` and `.`, at
  /// most 96 of them on either side, and neither `--` nor `..`.
  ///
  /// - Throws: `HubError.malformedName`, which says which rule.
  public init(_ text: String) throws(HubError) {
    func refuse(_ reason: String) -> HubError { .malformedName(text, reason: reason) }
    let parts = text.split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    let names = parts[0].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard names.count == 2 else { throw refuse("a hub name is owner/name, with one slash") }
    for name in names {
      if let reason = flaw(of: name) { throw refuse(reason) }
    }
    (owner, name) = (names[0], names[1])
    guard !name.hasSuffix(".git") else { throw refuse("a hub name does not end in .git") }
    guard parts.count == 2 else { return }
    let revision = String(parts[1])
    if let reason = flaw(ofRevision: revision) { throw refuse(reason) }
    self.revision = revision
  }
}

private func flaw(of name: String) -> String? {
  guard !name.isEmpty else { return "the owner or the name is empty" }
  guard name.utf8.count <= 96 else { return "\(name.utf8.count) characters, at most 96 are allowed" }
  if let bad = name.unicodeScalars.first(where: { !isPlain($0) }) {
    return "the character '\(printable(String(bad)))' is none of letters, digits, '-', '_' and '.'"
  }
  guard let first = name.first, let last = name.last, !"-.".contains(first), !"-.".contains(last) else {
    return "'-' and '.' may not stand at the beginning or end"
  }
  return name.contains("--") || name.contains("..") ? "'--' and '..' are not allowed" : nil
}

/// A revision becomes a path below `refs/`, and git's own rules are about as strict (git-check-ref-format).
private func flaw(ofRevision revision: String) -> String? {
  guard !revision.isEmpty else { return "nothing follows the '@'" }
  guard revision.utf8.count <= 200 else { return "the revision is longer than 200 characters" }
  if let bad = revision.unicodeScalars.first(where: { !isPlain($0) && $0 != "/" && $0 != "+" }) {
    return "the revision has the character '\(printable(String(bad)))'"
  }
  let isSound = revision.split(separator: "/", omittingEmptySubsequences: false).allSatisfy {
    !$0.isEmpty && !$0.hasPrefix(".") && !$0.contains("..") && !$0.hasSuffix(".lock")
  }
  return isSound && !revision.hasPrefix("-") ? nil : "the revision is none that git would take"
}

private func isPlain(_ scalar: Unicode.Scalar) -> Bool {
  switch scalar {
  case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
  default: false
  }
}
