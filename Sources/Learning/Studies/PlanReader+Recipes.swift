internal import Configuration
internal import Documents
internal import Reporting

extension PlanReader {
  mutating func recipes(_ value: DocumentValue?, _ key: String, stages: [String]) -> [StudyPlan.Recipe] {
    guard let value else { return [] }
    guard case .list(let items) = value.content, !items.isEmpty else {
      fields.fail(value, "\(key) must be a list of groups, each with a name and what it sets")
      return []
    }
    if items.count > 100 { fields.fail(value, "\(key): at most 100") }
    var found: [StudyPlan.Recipe] = []
    for item in items.prefix(100) {
      guard let recipe = recipe(item, key, stages: stages) else { continue }
      if (found.map(\.name) + stages).contains(recipe.name) {
        fields.fail(item, "\(key): \(recipe.name) is the name of another one; names are folders, give each its own")
      }
      found.append(recipe)
    }
    return found
  }

  private mutating func recipe(_ item: DocumentValue, _ key: String, stages: [String]) -> StudyPlan.Recipe? {
    let keys = ["name", "title", "set"] + (key == "variants" ? ["from", "differs"] : [])
    guard let members = fields.members(item, of: "an item of \(key)", keys: keys) else { return nil }
    guard let name = name(members["name"], "name") else {
      if members["name"] == nil { fields.fail(item, "an item of \(key) has no name") }
      return nil
    }
    var recipe = StudyPlan.Recipe(name: name)
    recipe.title = fields.text(members["title"], "title") ?? ""
    if let set = members["set"] { recipe.settings = settings(set) }
    if let from = members["from"] {
      recipe.stage = fields.text(from, "from")
      if let stage = recipe.stage, !stages.contains(stage) {
        let known = stages.isEmpty ? "the plan has no stages" : "they are \(stages.joined(separator: ", "))"
        fields.fail(from, "from: no stage is called \(printable(stage)); \(known)")
      }
    }
    if let differs = members["differs"] { recipe.differs = Set(budgets(differs, "differs")) }
    return recipe
  }

  /// Keys of the configuration, nested as in a configuration file or with dots as behind --set.
  mutating func settings(_ value: DocumentValue, below path: String = "") -> [ConfigurationSetting] {
    guard case .group(let members) = value.content else {
      fields.fail(value, "must be a group of keys, as in a configuration file")
      return []
    }
    return members.flatMap { member -> [ConfigurationSetting] in
      let key = path.isEmpty ? member.key : path + "." + member.key
      if case .group = member.value.content { return settings(member.value, below: key) }
      if ["seed", "output"].contains(key) {
        fields.fail(member.value, "\(key) is the study's to set, for each run")
        return []
      }
      let place = "\(printable(fields.path)):\(member.line):\(member.column)"
      return text(of: member.value, key).map { [ConfigurationSetting(option: place, "\(key)=\($0)")] } ?? []
    }
  }

  private mutating func text(of value: DocumentValue, _ key: String) -> String? {
    switch value.content {
    case .text(let text, _): return value.isNothing ? "" : text
    case .group: return nil
    case .list(let items):
      var texts: [String] = []
      for item in items {
        guard case .text(let text, _) = item.content, !text.contains(",") else {
          fields.fail(item, "\(key): words without commas alone; state others in a file of config:")
          return nil
        }
        texts.append(text)
      }
      return "[\(texts.joined(separator: ", "))]"
    }
  }
}
