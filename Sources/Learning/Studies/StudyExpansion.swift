internal import Batching
internal import Configuration
internal import Files
internal import Reporting
internal import Training

/// All runs of a study, checked before the first of them begins.
public struct StudyExpansion: Sendable {
  public let plan: StudyPlan
  /// In the order in which they are trained: block by block, in each the stages and then the variants.
  public let runs: [StudyRun]
  /// What differs from the baseline's budget by more than 5 % and was declared, or is not compared; a sentence each.
  public let remarks: [String]

  /// - Parameters:
  ///   - path: the plan's, for messages.
  ///   - directory: the study's; nothing is written.
  ///   - builtInSet: what a run without `data.path` trains on.
  ///   - paces: seconds of a step by recipe and set, where the plan says how long variants train.
  ///   - find: the path that a model's name stands for.
  /// - Throws: `StudyError`, and the errors of the rooms for data that cannot be read.
  public init(
    _ plan: StudyPlan, path: String, directory: String, builtInSet: String, ranks: Int, paces: StudyPaces? = nil,
    find: (String) throws -> String
  ) throws {
    var expansion = Expansion(
      plan: plan, path: path, directory: directory, builtInSet: builtInSet, ranks: ranks, paces: paces)
    for block in plan.blocks {
      for stage in plan.stages where plan.variants.contains(where: { $0.stage == stage.name }) {
        try expansion.add(stage, isStage: true, block, find)
      }
      for variant in plan.variants { try expansion.add(variant, isStage: false, block, find) }
    }
    self.plan = plan
    runs = expansion.runs
    try requireDifferentVariants(runs, path)
    remarks = try budgetRemarks(plan, runs, path)
  }

  /// With all that is trained before it.
  public func size(of run: StudyRun) -> StudySize {
    run.size.adding(runs.first { $0.folder == run.stage }?.size)
  }
}

private struct Expansion {
  let plan: StudyPlan
  let path: String
  let directory: String
  let builtInSet: String
  let ranks: Int
  let paces: StudyPaces?
  private(set) var runs: [StudyRun] = []
  /// Sizes and data by recipe and set: seeds change neither.
  private var sizes: [String: StudySize] = [:]
  private var fingerprints: [String: String] = [:]
  private var digests: [String: String] = [:]

  init(
    plan: StudyPlan, path: String, directory: String, builtInSet: String, ranks: Int, paces: StudyPaces?
  ) {
    (self.plan, self.path, self.directory, self.builtInSet) = (plan, path, directory, builtInSet)
    (self.ranks, self.paces) = (ranks, paces)
  }

  mutating func add(
    _ recipe: StudyPlan.Recipe, isStage: Bool, _ block: StudyBlock, _ find: (String) throws -> String
  ) throws {
    let stage = recipe.stage.flatMap { name in runs.first { $0.recipe == name && $0.isStage && $0.block == block } }
    let weights = stage.map { "\(directory)/runs/\($0.folder)/last/model.safetensors" }
    do {
      var configuration = try configured(recipe, block, weights)
      try configuration.check(ranks: ranks)
      let data = configuration.data.path ?? builtInSet
      let measured = isStage ? nil : plan.measuredSet ?? data
      if let measured { try requireSplit(measured) }
      let size = try size(of: configuration, recipe, block, data, find)
      let hash = try hash(of: configuration, stage, data, measured, find)
      let setPart = block.set.map { "-" + lastComponent(of: $0) } ?? ""
      let folder = "\(recipe.name)\(setPart)-\(block.seed)-\(hash.prefix(8))"
      configuration.output = "\(directory)/runs/\(folder)"
      runs.append(
        StudyRun(
          recipe: recipe.name, isStage: isStage, block: block, folder: folder, configuration: configuration,
          trainedSet: data, measuredSet: measured,
          measuredSplit: plan.split, stage: stage?.folder, size: size, hash: hash))
    } catch let error as any ReportableError where !(error is StudyError) && error.exitCode == .configuration {
      throw StudyError.recipe(plan: path, name: recipe.name, problem: "\(error)")
    }
  }

  private func configured(
    _ recipe: StudyPlan.Recipe, _ block: StudyBlock, _ weights: String?
  ) throws -> RunConfiguration {
    func own(_ key: String, _ value: String) -> ConfigurationSetting {
      ConfigurationSetting(option: path, "\(key)=\(value)")
    }
    var last = [own("seed", "\(block.seed)")]
    if let set = block.set { last.append(own("data.path", set)) }
    if let weights { last.append(own("initialize.weights", weights)) }
    if plan.seconds != nil {
      let steps = try paces.map { try $0.steps(recipe: recipe.name, set: block.set, seconds: plan.seconds ?? 0, path) }
      last.append(own("schedule.steps", "\(steps ?? StudyPaces.triedSteps)"))
    }
    let configuration = try RunConfiguration(files: plan.files, sources: [plan.base, recipe.settings, last])
    guard plan.seconds != nil else { return configuration }
    let stated = try RunConfiguration(files: plan.files, sources: [plan.base, recipe.settings])
    for key in ["schedule.steps", "schedule.epochs"] where stated.isStated(key) {
      throw StudyError.recipe(
        plan: path, name: recipe.name, problem: "\(key) says how long it trains, and so does seconds; leave one out")
    }
    return configuration
  }

  private func requireSplit(_ set: String) throws {
    let dataSet = try PreparedDataSet(path: set)
    let splits = dataSet.manifest.splits.map(\.name)
    guard !splits.contains(plan.split) else { return }
    throw StudyError.recipe(
      plan: path, name: "measure",
      problem: "\(printable(set)) has no split \(printable(plan.split)); it has \(splits.joined(separator: ", "))")
  }

  private mutating func size(
    of configuration: RunConfiguration, _ recipe: StudyPlan.Recipe, _ block: StudyBlock, _ data: String,
    _ find: (String) throws -> String
  ) throws -> StudySize {
    let key = recipe.name + "\u{0}" + (block.set ?? "")
    if let known = sizes[key] { return known }
    var found = configuration
    if recipe.stage == nil {
      found = try configuration.finding(find)
    } else {
      found = try configuration.findingTowers(find)
    }
    let forecast = try RunForecast(found, dataPath: data, ranks: ranks)
    guard let steps = forecast.steps else {
      throw StudyError.recipe(
        plan: path, name: recipe.name,
        problem: "\(printable(data)) is not prepared yet; name a set with data, or begin with mmtrain prepare")
    }
    guard steps > 0 else {
      throw StudyError.recipe(
        plan: path, name: recipe.name,
        problem: "\(printable(data)) has fewer samples than a batch (\(configuration.batch.global)): no step is made")
    }
    var size = StudySize()
    size.steps = steps
    size.samples = steps * configuration.batch.global
    size.operations = Double(steps) * forecast.stepOperations
    (size.parameters, size.trained) = (forecast.parameters, forecast.parameters - forecast.frozenParameters)
    sizes[key] = size
    return size
  }

  private mutating func hash(
    of configuration: RunConfiguration, _ stage: StudyRun?, _ data: String, _ measured: String?,
    _ find: (String) throws -> String
  ) throws -> String {
    var alone = configuration
    alone.output = nil
    // The stage's folder says which weights; where the study lies is nobody's business.
    if stage != nil { alone.initialize.weights = nil }
    var lines = ["study 1", alone.yaml(), "data \(try fingerprint(of: data))"]
    lines.append("stage \(stage?.hash ?? "none")")
    let begun = [
      stage == nil ? configuration.initialize.weights : nil, configuration.initialize.towers.vision,
      configuration.initialize.towers.audio, configuration.initialize.towers.text,
    ].compactMap(\.self)
    for name in begun { lines.append("weights \(try digest(of: find(name)))") }
    if let measured {
      lines.append("measured \(try fingerprint(of: measured)) \(plan.split)")
      lines.append("without \(plan.cases.map { $0.joined(separator: ",") }.joined(separator: ";"))")
    }
    return sha256(Array(lines.joined(separator: "\n").utf8))
  }

  private mutating func fingerprint(of set: String) throws -> String {
    if let known = fingerprints[set] { return known }
    let found = try PreparedDataSet(path: set).fingerprint
    fingerprints[set] = found
    return found
  }

  /// Of a file, or of a model's directory: weights, architecture, tokenizer, preprocessing.
  private mutating func digest(of path: String) throws -> String {
    if let known = digests[path] { return known }
    let files =
      isDirectory(path)
      ? try directoryEntries(path).filter { name in [".safetensors", ".json", ".txt"].contains { name.hasSuffix($0) } }
        .sorted().map { path + "/" + $0 } : [path]
    let found = try files.map { try sha256(ofFile: $0) }.joined(separator: " ")
    digests[path] = found
    return found
  }
}

extension StudyPlan {
  /// What is taken away in each of the measurements that the figures need, whole ones first.
  public var cases: [[String]] {
    figures.map(\.without).reduce(into: [[String]]()) { if !$0.contains($1) { $0.append($1) } }
      .sorted { $0.count < $1.count }
  }
}

extension RunConfiguration {
  /// The same with its towers looked up; its weights are made by a run before it.
  fileprivate func findingTowers(_ find: (String) throws -> String) rethrows -> RunConfiguration {
    let weights = initialize.weights
    return try finding { $0 == weights ? $0 : try find($0) }
  }
}
