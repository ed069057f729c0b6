internal import Documents
internal import Reporting
internal import Yams

extension ConfigurationLayer {
  /// Reads YAML text; `path` is its name in messages and origins.
  init(yaml text: String, path: String) {
    let name = printable(path)
    if let mark = firstAnchorOrAlias(in: text) {
      fail("\(name):\(mark.line):\(mark.column)", anchorMessage)
      return
    }
    do {
      guard let root = try compose(yaml: text) else { return }
      var reader = YAMLReader(path: path, layer: self)
      reader.readSection(root, section: "")
      self = reader.layer
    } catch {
      let problem = syntaxProblem(error, path, text)
      problems.append(ConfigurationProblem(place: problem.place, message: problem.message))
    }
  }
}

/// Walks the nodes of a document and files what it finds.
private struct YAMLReader {
  let path: String
  var layer: ConfigurationLayer

  mutating func readSection(_ node: Node, section: String) {
    guard !refusesAnchor(node) else { return }
    guard case .mapping(let mapping) = node else {
      if section.isEmpty {
        return fail(node, "the file must hold `key: value` lines; docs/configuration.md lists the keys")
      }
      if case .scalar(let word) = node, !word.string.isEmpty, let form = ConfigurationKey.index(ofForm: section) {
        return readValue(node, form)
      }
      return fail(node, "\(section) is a group of keys; put them below it, indented")
    }
    for (key, value) in mapping {
      guard !refusesAnchor(key) else { continue }
      guard case .scalar(let scalar) = key else {
        fail(key, "a key must be a word; docs/configuration.md lists the keys")
        continue
      }
      readEntry(scalar.string, at: key, value, section: section)
    }
  }

  private mutating func readEntry(_ name: String, at key: Node, _ value: Node, section: String) {
    let path = section.isEmpty ? name : section + "." + name
    // A dot within a name would be another spelling of a nested key, by which it could be given twice.
    if name.contains("."), ConfigurationKey.index(of: path) != nil || ConfigurationKey.sections.contains(path) {
      let parts = name.split(separator: ".").map(String.init)
      let nested = parts.dropLast().map { "\($0): { " }.joined() + (parts.last ?? "")
      fail(key, "\(printable(path)): names with dots are for --set; write \(nested): … }")
    } else if ConfigurationKey.sections.contains(path) {
      readSection(value, section: path)
    } else if let index = ConfigurationKey.index(of: path) {
      readValue(value, index)
    } else {
      fail(key, "unknown key \(printable(path))\(suggestion(forUnknownKey: path))")
    }
  }

  private mutating func readValue(_ node: Node, _ index: Int) {
    guard !refusesAnchor(node) else { return }
    let key = ConfigurationKey.all[index]
    switch (node, key.kind) {
    case (.scalar(let scalar), _):
      let isQuoted = scalar.style != .plain && scalar.style != .any
      // YAML's spellings of null, as nothing in this file means "nothing" but the keys' own words.
      let text = !isQuoted && ["", "~", "null"].contains(scalar.string) ? "" : scalar.string
      layer.add(index, text: text, isQuoted: isQuoted, origin: origin(node), place: place(node))
    case (.sequence(let items), .list):
      readList(items, index, node)
    case (.sequence, _):
      failKey(index, node, "is a list; give \(key.kind)")
    case (.mapping, _), (.alias, _):
      failKey(index, node, "is a group of keys; give \(key.kind)")
    }
  }

  private mutating func readList(_ items: Node.Sequence, _ index: Int, _ node: Node) {
    var texts: [String] = []
    for item in items {
      guard !refusesAnchor(item) else { return }
      guard case .scalar(let scalar) = item else {
        return failKey(index, item, "holds a group or a list; give \(ConfigurationKey.all[index].kind)")
      }
      do {
        texts.append(try checkedText(scalar.string))
      } catch {
        return failKey(index, item, error.message)
      }
    }
    layer.entries.append(.init(key: index, value: .list(texts), origin: origin(node)))
  }

  private mutating func failKey(_ index: Int, _ node: Node, _ message: String) {
    layer.failedKeys.append(index)
    fail(node, "\(ConfigurationKey.all[index].path): \(message)")
  }

  private mutating func fail(_ node: Node, _ message: String) { layer.fail(place(node), message) }

  /// The scan before parsing finds them all; should one slip through, the walk does not follow it.
  private mutating func refusesAnchor(_ node: Node) -> Bool {
    if case .alias = node {
      fail(node, anchorMessage)
      return true
    }
    guard node.anchor != nil else { return false }
    fail(node, anchorMessage)
    return true
  }

  private func place(_ node: Node) -> String { origin(node).description }

  private func origin(_ node: Node) -> ConfigurationOrigin {
    .file(path: path, line: node.mark?.line ?? 1, column: node.mark?.column ?? 1)
  }
}
