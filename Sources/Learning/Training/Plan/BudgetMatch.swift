internal import Configuration
internal import Files
internal import Models
internal import Pretrained
internal import Reporting

/// Looks for the size with which a model has as many parameters as another one, or takes as many operations: whoever compares two
/// ways of joining image and text compares them at one budget.
///
/// Operations are those of a training step by the run's own objectives, divided by its samples.
struct BudgetMatch {
  /// How far from the other's count, as a share of it, counts as equal.
  private static let tolerance = 0.02

  /// Without anything to look for.
  private let configuration: RunConfiguration
  private let surroundings: ModelSurroundings
  private let sizes: [String]
  private let budget: MatchSettings.Budget
  private let other: String
  private let goal: Double

  /// - Returns: nil where nothing is to be equal.
  /// - Throws: what making a model of either configuration throws, `TrainingError.unsupported` for another model that nobody knows.
  init?(_ asked: RunConfiguration, _ surroundings: ModelSurroundings) throws {
    guard let budget = asked.model.match.budget, let other = asked.model.match.other else { return nil }
    guard surroundings.found == nil else {
      throw TrainingError.unsupported(
        key: "model.match.what",
        what: "the sizes are those of the weights that the run begins from; leave model.match out")
    }
    (configuration, self.surroundings) = (asked.withoutMatch, surroundings)
    (self.budget, self.other, sizes) = (budget, other, asked.sizesToMatch)
    // What is wrong whatever the size is said as it is.
    _ = try configuration.modelAsStated(in: surroundings)
    var alone = surroundings
    alone.towers = FoundTowers()
    goal = budget.count(of: try configuration.other(other, in: alone))
  }

  /// The model with the first size that does it.
  /// - Throws: `TrainingError.unsupported` where none does.
  func found() throws -> PlannedModel {
    var closest: [Trial] = []
    for size in sizes {
      guard let trial = nearest(size) else { continue }
      guard !isNear(trial) else { return try planned(trial) }
      closest.append(trial)
    }
    let tried = closest.map { "\($0.key) \($0.size) gives \(words(for: $0))" }
    throw TrainingError.unsupported(
      key: "model.match.what",
      what: "no \(sizes.joined(separator: " and no ")) makes it equal to \(printable(other)) within 2 %: "
        + (tried.isEmpty ? "no model can be made with any" : tried.joined(separator: ", "))
        + "; state other sizes, or vary another with model.match.vary")
  }

  /// A size that was tried.
  private struct Trial {
    let key: String
    let size: Int
    let count: Double
  }

  private func planned(_ trial: Trial) throws -> PlannedModel {
    let reason = "matches the \(budget.rawValue) of \(printable(other))"
    var made = try configuration.with(trial.size, for: trial.key, matching: reason).modelAsStated(in: surroundings)
    made.remarks.append("\(trial.key) is \(trial.size): \(words(for: trial))")
    return made
  }

  private func words(for trial: Trial) -> String {
    let difference = 100 * (trial.count - goal) / goal
    let sign = difference < 0 ? "less" : "more"
    return "\(budget.words(trial.count)), \(decimals(difference.magnitude, 2)) % \(sign) than the "
      + "\(budget.words(goal)) of \(printable(other))"
  }

  private func distance(_ trial: Trial) -> Double { (trial.count - goal).magnitude }
  private func isNear(_ trial: Trial) -> Bool { distance(trial) <= Self.tolerance * goal }
}

// MARK: The search

extension BudgetMatch {
  /// The size of a key whose count is nearest to the other's. Widths are multiples of the heads; of eight numbers a head, as
  /// kernels like them, where that is near enough.
  private func nearest(_ key: String) -> Trial? {
    guard key.hasSuffix(".width") else { return nearest(key, among: Array(1...128)) }
    let heads = configuration.size(of: key.replacing(".width", with: ".heads")) ?? 1
    var best: Trial?
    for numbers in [8, 4, 2, 1] {
      let widths = stride(from: heads * numbers, through: 8192, by: heads * numbers).filter { $0 >= 8 }
      guard let trial = nearest(key, among: widths) else { continue }
      if best.map({ distance(trial) < distance($0) }) ?? true { best = trial }
      if isNear(trial) { return trial }
    }
    return best
  }

  /// Of sizes in their order. A larger model costs more, and those that cannot be made are the large ones: more connections than
  /// there are layers to connect, say.
  private func nearest(_ key: String, among sizes: [Int]) -> Trial? {
    func trial(_ place: Int) -> Trial? {
      guard sizes.indices.contains(place) else { return nil }
      let tried = configuration.with(sizes[place], for: key, matching: other)
      guard let made = try? tried.modelAsStated(in: surroundings), made.description.flaw == nil else { return nil }
      return Trial(key: key, size: sizes[place], count: budget.count(of: made))
    }
    var (below, above) = (-1, sizes.count)
    while above - below > 1 {
      let middle = (below + above) / 2
      if let tried = trial(middle), tried.count < goal { below = middle } else { above = middle }
    }
    return [trial(below), trial(above)].compactMap(\.self).min { distance($0) < distance($1) }
  }
}

// MARK: What is equal to what

extension MatchSettings.Budget {
  fileprivate func count(of model: PlannedModel) -> Double {
    switch self {
    case .parameters: Double(model.description.parameterCount)
    case .operations: model.stepOperations / Double(model.configuration.batch.global)
    }
  }

  fileprivate func words(_ count: Double) -> String {
    switch self {
    case .parameters: "\(Int(count)) parameters"
    case .operations: "\(decimals(count * 1e-6, 3)) MFLOP a sample"
    }
  }
}

extension RunConfiguration {
  /// The model that another is to be like: that of a directory, or of a file, or a name's, by this run's objectives as far as it
  /// can have them.
  fileprivate func other(_ name: String, in surroundings: ModelSurroundings) throws -> PlannedModel {
    if isDirectory(name) {
      let description = try ModelDirectory(path: name).description
      return try drawn(model.name, preset.rawValue).withObjectives(description)
    }
    if fileExists(name) {
      let file = try RunConfiguration(file: name)
      guard file.initialize.weights == nil, file.initialize.towers == TowerPaths(), file.model.match.budget == nil
      else {
        throw unknown(name, "its sizes are those of other models; name a file that states them")
      }
      return try file.modelAsStated(in: surroundings)
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    let presets = ModelPreset.allCases.map(\.rawValue)
    switch (parts.count, parts.first.map(ModelCatalogue.names.contains), parts.last.map(presets.contains)) {
    case (2, true, true): return try drawn(parts[0], parts[1]).modelAsStated(in: surroundings)
    case (1, true, _): return try drawn(name, preset.rawValue).modelAsStated(in: surroundings)
    case (1, _, true): return try drawn(model.name, name).modelAsStated(in: surroundings)
    default:
      throw unknown(
        name,
        "no file, no directory and no NAME/PRESET; names are \(ModelCatalogue.names.joined(separator: ", ")), presets "
          + presets.joined(separator: ", "))
    }
  }

  /// A recipe with this run's objectives, none of which it has to be able to have.
  private func drawn(_ name: String, _ preset: String) throws -> RunConfiguration {
    var recipe = try RunConfiguration(
      file: nil, settings: [ConfigurationSetting("model.name=\(name)"), ConfigurationSetting("model.preset=\(preset)")])
    (recipe.task, recipe.objective, recipe.batch, recipe.memory) = (task, objective, batch, memory)
    return recipe
  }

  private func unknown(_ name: String, _ problem: String) -> TrainingError {
    .unsupported(key: "model.match.with", what: "'\(printable(name, limit: 80))': \(problem)")
  }
}
