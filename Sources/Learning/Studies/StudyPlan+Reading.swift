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
    let root: DocumentValue
    do {
      root = try readRequiredDocument(text, path: path)
    } catch {
      throw .plan([error])
    }
    var reader = PlanReader(path: path)
    let plan = reader.plan(root)
    guard reader.fields.problems.isEmpty, let plan else { throw .plan(reader.fields.problems) }
    self = plan
  }
}

/// From a document's values to a plan.
struct PlanReader {
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
  mutating func name(_ value: DocumentValue?, _ key: String) -> String? {
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

  mutating func different(_ values: [(text: String, place: DocumentValue)]?, _ key: String) -> [String] {
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

  mutating func budgets(_ value: DocumentValue, _ key: String) -> [StudyBudget] {
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
