internal import Reporting
internal import Yams

/// Reads a YAML document into values that know their places. What YAML allows beyond plain values is refused: anchors and
/// aliases, keys that are no words, a key that comes twice.
///
/// - Parameter path: for messages.
/// - Returns: nil where the document is empty.
public func readDocument(_ text: String, path: String) throws(DocumentProblem) -> DocumentValue? {
  if let mark = firstAnchorOrAlias(in: text) {
    throw DocumentProblem(path: path, line: mark.line, column: mark.column, message: anchorMessage)
  }
  let root: Node?
  do {
    root = try compose(yaml: text)
  } catch {
    throw syntaxProblem(error, path, text)
  }
  guard let root else { return nil }
  return try Conversion(path: path).value(root)
}

/// The same of a document that must say something.
public func readRequiredDocument(_ text: String, path: String) throws(DocumentProblem) -> DocumentValue {
  guard let root = try readDocument(text, path: path) else {
    throw DocumentProblem(path: path, line: 1, column: 1, message: "is empty")
  }
  return root
}

/// What to say of an anchor or an alias.
public let anchorMessage =
  "anchors (&) and aliases (*) are not taken here; write the value out, or put it in quotes"

/// From the parser's nodes to our values.
private struct Conversion {
  let path: String

  func value(_ node: Node) throws(DocumentProblem) -> DocumentValue {
    // The scan before parsing finds them all; should one slip through, nobody follows it.
    guard node.anchor == nil else { throw problem(node, anchorMessage) }
    let (line, column) = (node.mark?.line ?? 1, node.mark?.column ?? 1)
    return DocumentValue(content: try content(node), line: line, column: column)
  }

  private func content(_ node: Node) throws(DocumentProblem) -> DocumentValue.Content {
    switch node {
    case .scalar(let scalar):
      return .text(scalar.string, isQuoted: scalar.style != .plain && scalar.style != .any)
    case .sequence(let items):
      var values: [DocumentValue] = []
      for item in items { values.append(try value(item)) }
      return .list(values)
    case .mapping(let mapping):
      return .group(try members(mapping))
    case .alias:
      throw problem(node, anchorMessage)
    }
  }

  private func members(_ mapping: Node.Mapping) throws(DocumentProblem) -> [DocumentMember] {
    var members: [DocumentMember] = []
    var seen: Set<String> = []
    for (key, node) in mapping {
      guard key.anchor == nil else { throw problem(key, anchorMessage) }
      guard case .scalar(let scalar) = key else { throw problem(key, "a key must be a word") }
      guard seen.insert(scalar.string).inserted else {
        throw problem(key, "key \(printable(scalar.string)) is given twice in the same group; keep one")
      }
      members.append(
        DocumentMember(
          key: scalar.string, line: key.mark?.line ?? 1, column: key.mark?.column ?? 1, value: try value(node)))
    }
    return members
  }

  private func problem(_ node: Node, _ message: String) -> DocumentProblem {
    DocumentProblem(path: path, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1, message: message)
  }
}
