internal import Models
internal import Objectives
public import Reporting
internal import Tasks

extension RunConfiguration {
  /// The whole configuration as YAML that reads back as the same configuration. What the model has by itself stands in comments:
  /// nobody may state it beside the weights that it comes with.
  /// - Parameter withOrigins: adds a comment to each line that says where its value comes from.
  public func yaml(withOrigins: Bool = false) -> String { yaml(withOrigins: withOrigins) { _ in true } }

  /// What somebody stated of it, with where that comes from: another run that is given this file asks for the same.
  public var statedYAML: String { yaml(withOrigins: true) { origins[$0].isStated } }

  private func yaml(withOrigins: Bool, _ isTaken: (_ key: Int) -> Bool) -> String {
    var lines: [(text: String, origin: String?)] = []
    var open: [Substring] = []
    for (index, key) in ConfigurationKey.all.enumerated() {
      let value = key.get(self)
      if value == .absent && key.absentWord == nil || !hasUse(for: key) || !isTaken(index) { continue }
      let parts = key.path.split(separator: ".")
      let section = Array(parts.dropLast())
      var shared = 0
      while shared < min(open.count, section.count), open[shared] == section[shared] { shared += 1 }
      for depth in shared..<section.count { lines.append((indent(depth) + section[depth] + ":", nil)) }
      open = section
      let mark = origins[index] == .model ? "# " : ""
      let text = indent(section.count) + mark + key.name + ": " + value.yaml(absentWord: key.absentWord)
      lines.append((text, origins[index].description))
    }
    let width = lines.map(\.text.count).max() ?? 0
    return lines.map { line in
      guard withOrigins, let origin = line.origin else { return line.text }
      return line.text + String(repeating: " ", count: width - line.text.count + 2) + "# " + origin
    }.joined(separator: "\n") + "\n"
  }

  /// The values, nested as in YAML; what is left to the run's start is null.
  public var json: OrderedJSON { nested { $0.get(self).json } }

  /// The same shape with the origin of each value.
  public var originsJSON: OrderedJSON { nested { .text(origins.origin(of: $0.path).description) } }

  /// A key that the model, the task or what is done by groups or modalities has no use for is refused in a file.
  private func hasUse(for key: ConfigurationKey) -> Bool {
    ModelCatalogue.hasUse(model.name, for: key.path) && TaskCatalogue.hasUse(task, for: key.path)
      && (privacy.isOn || !ConfigurationCheck.keysOfPrivacy.contains(key.path)) && whatGroupsLack(for: key.path) == nil
      && whatBalanceLacks(for: key.path) == nil && !isLeftOut(key.path)
      && origins.origin(of: key.path) != .unused
  }

  /// Whether a key is the recipe's weight of an objective beside which the task has a loss of its own: stated in a file, it would count.
  /// Or a key of an objective that is not learnt, or the weight of losses that the task has not.
  private func isLeftOut(_ path: String) -> Bool {
    ObjectiveCatalogue.all.contains { kind in
      !learns(kind) && (path == "objective.\(kind.name)" && objective[kind.name] != 0 || kind.keys.contains(path))
    } || path == "objective.task" && TaskCatalogue.task(task).objectives.isEmpty
  }

  private func nested(_ value: (ConfigurationKey) -> OrderedJSON) -> OrderedJSON {
    object(ConfigurationKey.all.filter(hasUse).map { ($0.path.split(separator: ".")[...], value($0)) })
  }
}

private func indent(_ depth: Int) -> String { String(repeating: "  ", count: depth) }

/// Groups neighbours that share the first part of their path.
private func object(_ leaves: [(path: ArraySlice<Substring>, value: OrderedJSON)]) -> OrderedJSON {
  var members: [(String, OrderedJSON)] = []
  var rest = leaves[...]
  while let first = rest.first, let name = first.path.first {
    if first.path.count == 1 {
      members.append((String(name), first.value))
      rest = rest.dropFirst()
    } else {
      let group = rest.prefix { $0.path.first == name }
      members.append((String(name), object(group.map { ($0.path.dropFirst(), $0.value) })))
      rest = rest.dropFirst(group.count)
    }
  }
  return .object(members)
}
