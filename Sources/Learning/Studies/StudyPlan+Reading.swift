internal import Configuration
internal import Documents
internal import Files
internal import Reporting

extension StudyPlan {
  /// Reads a plan.
  /// - Throws: `StudyError.plan` with all that is wrong, `FileError` where there is no such file.
  public init(path: String) throws {
    var bytes = try readFile(path, limit: 1 << 20)[...]
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes = bytes.dropFirst(3) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw StudyError.plan([
        DocumentProblem(path: path, line: 1, column: 1, message: "is not UTF-8 text; save it as plain UTF-8")
      ])
    }
    try self.init(yaml: text, path: path)
  }

  /// The same from text, which messages call `path`.
  public init(yaml text: String, path: String) throws(StudyError) {
    let root: DocumentValue?
    do {
      root = try readDocument(text, path: path)
    } catch {
      throw .plan([error])
    }
    guard let root else { throw .plan([DocumentProblem(path: path, line: 1, column: 1, message: "is empty")]) }
    var reader = PlanReader(path: path)
    let plan = reader.plan(root)
    guard reader.fields.problems.isEmpty, let plan else { throw .plan(reader.fields.problems) }
    self = plan
  }
}

/// From a document's values to a plan.
private struct PlanReader {
  var fields: FieldReader

  init(path: String) { fields = FieldReader(path: path) }

  private static let keys = [
    "name", "question", "config", "base", "data", "seeds", "stages", "variants", "baseline", "budget", "seconds",
    "measure",
  ]

  mutating func plan(_ root: DocumentValue) -> StudyPlan? {
    guard let members = fields.members(root, of: "the plan", keys: Self.keys) else { return nil }
    for key in ["name", "seeds", "variants", "measure"] where members[key] == nil {
      fields.fail(root, "\(key) is missing")
    }
    guard let name = name(members["name"], "name") else { return nil }
    var plan = StudyPlan(name: name)
    plan.question = fields.text(members["question"], "question") ?? ""
    plan.files = fields.texts(members["config"], "config")?.map(\.text) ?? []
    if let base = members["base"] { plan.base = settings(base) }
    plan.sets = different(fields.texts(members["data"], "data"), "data")
    plan.seeds = seeds(members["seeds"])
    plan.stages = recipes(members["stages"], "stages", stages: [])
    plan.variants = recipes(members["variants"], "variants", stages: plan.stages.map(\.name))
    readBaseline(members["baseline"], root, &plan)
    if let budget = members["budget"] { plan.budget = budgets(budget, "budget") }
    plan.seconds = seconds(members["seconds"])
    if plan.seconds != nil, plan.variants.contains(where: { $0.stage != nil }), let place = members["seconds"] {
      fields.fail(
        place,
        "seconds: how long a step takes is measured before any training, and variants of a stage have none yet; state steps"
      )
    }
    if let measure = members["measure"] { readMeasure(measure, &plan) }
    return plan
  }

  /// A word that can be a part of a path: a letter or digit first, then these, `-`, `_` and `.`.
  private mutating func name(_ value: DocumentValue?, _ key: String) -> String? {
    guard let value, let text = fields.text(value, key) else { return nil }
    let isWord = text.unicodeScalars.allSatisfy { scalar in
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9", "-", "_", ".": true
      default: false
      }
    }
    guard isWord, text.count <= 60, text.first?.isLetter == true || text.first?.isNumber == true else {
      fields.fail(
        value,
        "\(key) names folders: use letters, digits, -, _ and ., at most 60 and beginning with a letter or a digit")
      return nil
    }
    return text
  }

  private mutating func different(_ values: [(text: String, place: DocumentValue)]?, _ key: String) -> [String] {
    var seen: [String] = []
    for (text, place) in values ?? [] {
      if seen.contains(text) { fields.fail(place, "\(key): \(printable(text)) is there twice; keep one") }
      seen.append(text)
    }
    return seen
  }

  private mutating func seeds(_ value: DocumentValue?) -> [UInt64] {
    let texts = different(fields.texts(value, "seeds"), "seeds")
    if let value, texts.isEmpty { fields.fail(value, "seeds: name at least one") }
    if let value, texts.count > 100 { fields.fail(value, "seeds: at most 100") }
    return texts.compactMap { text in
      guard let seed = UInt64(text), String(seed) == text else {
        if let value { fields.fail(value, "seeds: \(printable(text)) is no whole number from 0 on, in plain digits") }
        return nil
      }
      return seed
    }
  }

  private mutating func seconds(_ value: DocumentValue?) -> Double? {
    guard let value, let text = fields.text(value, "seconds") else { return nil }
    guard let number = Double(text), number >= 1, number <= 1e7 else {
      fields.fail(value, "seconds must be a number from 1 to 10000000: how long each variant trains")
      return nil
    }
    return number
  }

  private mutating func readBaseline(_ value: DocumentValue?, _ root: DocumentValue, _ plan: inout StudyPlan) {
    let names = plan.variants.map(\.name)
    plan.baseline = fields.text(value, "baseline") ?? names.first ?? ""
    guard let value, !names.contains(plan.baseline) else { return }
    let hint = nearest(to: plan.baseline, among: names).map { "did you mean \($0)?" }
    fields.fail(
      value,
      "baseline: no variant is called \(printable(plan.baseline)); \(hint ?? "they are \(names.joined(separator: ", "))")"
    )
  }

  private mutating func budgets(_ value: DocumentValue, _ key: String) -> [StudyBudget] {
    (fields.texts(value, key) ?? []).compactMap { text, place in
      guard let budget = StudyBudget(rawValue: text) else {
        fields.fail(
          place,
          "\(key): \(printable(text)) is none of \(StudyBudget.allCases.map(\.rawValue).joined(separator: ", "))")
        return nil
      }
      return budget
    }
  }
}

// MARK: Recipes

extension PlanReader {
  private mutating func recipes(_ value: DocumentValue?, _ key: String, stages: [String]) -> [StudyPlan.Recipe] {
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
  private mutating func settings(_ value: DocumentValue, below path: String = "") -> [ConfigurationSetting] {
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

// MARK: What is measured

extension PlanReader {
  private mutating func readMeasure(_ value: DocumentValue, _ plan: inout StudyPlan) {
    guard let members = fields.members(value, of: "measure", keys: ["data", "split", "figures"]) else { return }
    plan.measuredSet = fields.text(members["data"], "data")
    plan.split = fields.text(members["split"], "split") ?? plan.split
    guard let figures = members["figures"], case .list(let items) = figures.content, !items.isEmpty else {
      fields.fail(members["figures"] ?? value, "figures must be a list of what evaluate --json says; the first decides")
      return
    }
    for item in items {
      guard let figure = figure(item) else { continue }
      if plan.figures.contains(where: { $0.name == figure.name }) {
        fields.fail(item, "figures: \(printable(figure.name)) is there twice; keep one")
      }
      plan.figures.append(figure)
    }
  }

  private mutating func figure(_ item: DocumentValue) -> StudyPlan.Figure? {
    if case .text = item.content { return fields.text(item, "figures").map { StudyPlan.Figure(figure: $0) } }
    guard let members = fields.members(item, of: "a figure", keys: ["figure", "without", "better"]) else { return nil }
    guard let name = fields.text(members["figure"], "figure") else {
      if members["figure"] == nil { fields.fail(item, "an item of figures has no figure") }
      return nil
    }
    var figure = StudyPlan.Figure(figure: name)
    figure.without = different(fields.texts(members["without"], "without"), "without")
    if let better = members["better"], let word = fields.text(better, "better") {
      if !["higher", "lower"].contains(word) { fields.fail(better, "better must be higher or lower") }
      figure.isLowerBetter = word == "lower"
    }
    return figure
  }
}
