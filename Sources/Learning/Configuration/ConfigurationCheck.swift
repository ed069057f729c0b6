public import Models
public import Objectives
internal import Tasks

/// A rule between values, each of which is fine by itself.
struct ConfigurationCheck: Sendable {
  /// The keys it looks at; the complaint is placed at the first of them that somebody stated.
  let keys: [String]
  /// What is wrong and what to do, or nil.
  let complaint: @Sendable (RunConfiguration) -> String?

  init(_ keys: [String], complaint: @escaping @Sendable (RunConfiguration) -> String?) {
    (self.keys, self.complaint) = (keys, complaint)
  }

  init(_ keys: String..., complaint: @escaping @Sendable (RunConfiguration) -> String?) {
    self.keys = keys
    self.complaint = complaint
  }

  static let all: [ConfigurationCheck] =
    [
      ConfigurationCheck("model.vision.patch_size", "model.vision.image_size") {
        let (size, patch) = ($0.model.vision.imageSize, $0.model.vision.patchSize)
        return size % patch == 0
          ? nil : "patches of \(patch) pixels do not divide an image of \(size); choose a divisor of \(size)"
      },
      ConfigurationCheck("model.preset", "model.name") {
        $0.preset == .base && ModelCatalogue.publishedSizes(of: $0.model.name).isEmpty
          ? "\($0.model.name) has no sizes called base; choose another preset" : nil
      },
      headsDivideWidth("model.vision", unlessOf: "initialize.vision") {
        ($0.model.vision.heads, $0.model.vision.width)
      },
      headsDivideWidth("model.text", unlessOf: "initialize.text") { ($0.model.text.heads, $0.model.text.width) },
      headsDivideWidth("model.fusion") { ($0.model.fusion.heads, $0.model.fusion.width) },
      ConfigurationCheck(objectiveKeys + ["objective.task"]) { configuration in
        let learns = ObjectiveCatalogue.all.contains { configuration.learns($0) }
        let hasOwn = configuration.objective.ofTask > 0 && !TaskCatalogue.task(configuration.task).objectives.isEmpty
        return !learns && !hasOwn
          ? "every objective has weight 0, so nothing would be learned; give one of them a weight" : nil
      },
      ConfigurationCheck("objective.task", "task.name") {
        $0.isStated("objective.task") && TaskCatalogue.task($0.task).objectives.isEmpty
          ? "\($0.task.name) has no loss of its own that it would weigh; leave the key out" : nil
      },
      ConfigurationCheck("batch.global") { configuration in
        let compares = ObjectiveCatalogue.all.contains { configuration.learns($0) && $0.comparesPairs }
        return configuration.batch.global < 2 && compares
          ? "a batch of one pair has no wrong pairs to learn from; give 2 or more" : nil
      },
      ConfigurationCheck("batch.micro", "batch.global") {
        guard let micro = $0.batch.micro, micro > $0.batch.global else { return nil }
        return "\(micro) pairs at once are more than the \($0.batch.global) of batch.global; give at most that"
      },
      ConfigurationCheck("schedule.warmup_steps", "schedule.steps") {
        guard let steps = $0.schedule.steps, let warmup = $0.schedule.warmupSteps, warmup > steps else { return nil }
        return "a warm-up of \(warmup) steps does not end within the \(steps) of schedule.steps; give less"
      },
      ConfigurationCheck("initialize.weights", "initialize.vision", "initialize.audio", "initialize.text") {
        let towers = $0.initialize.towers
        return $0.initialize.weights != nil && (towers.vision ?? towers.audio ?? towers.text) != nil
          ? "initialize.weights is a whole model, and its towers are named beside it; leave one of the two out" : nil
      },
      ConfigurationCheck("evaluation.patience", "evaluation.every_epochs") {
        $0.evaluation.patience != nil && $0.evaluation.everyEpochs == 0
          ? "nothing is measured before the end, so nobody knows when to stop; set evaluation.every_epochs to 1" : nil
      },
    ] + taskKeys.map(hasUseToTask) + taskKeys.map(isPossible) + lowRank + match + groups + balance + privacy + synthesis
    + modelKeys.map(hasUse)
    + ObjectiveCatalogue.all.map(hasParts) + ObjectiveCatalogue.all.flatMap(areLearntWith)

  /// - Parameter tower: the key that names somebody's, whose width it is where none is stated; the model's own check knows it then.
  private static func headsDivideWidth(
    _ section: String, unlessOf tower: String? = nil,
    _ values: @escaping @Sendable (RunConfiguration) -> (heads: Int, width: Int)
  ) -> ConfigurationCheck {
    ConfigurationCheck("\(section).heads", "\(section).width") {
      if let tower, $0.isStated(tower), !$0.isStated("\(section).width") { return nil }
      let (heads, width) = values($0)
      return width % heads == 0 ? nil : "\(heads) heads do not divide a width of \(width); choose a divisor of \(width)"
    }
  }

  private static let objectiveKeys = ObjectiveCatalogue.all.map { "objective.\($0.name)" }
  /// Keys that mean something to some models only.
  private static let modelKeys = ConfigurationKey.all.map(\.path).filter {
    $0.hasPrefix("model.") || $0.hasPrefix("initialize.lock.")
      || ["initialize.vision", "initialize.audio", "initialize.text", "optimizer.layer_decay"].contains($0)
  }

  private static let taskKeys = ConfigurationKey.all.map(\.path).filter { $0.hasPrefix("task.") && $0 != "task.name" }

  private static func hasUseToTask(_ key: String) -> ConfigurationCheck {
    ConfigurationCheck(key) {
      $0.isStated(key) && !TaskCatalogue.hasUse($0.task, for: key)
        ? "\($0.task.name) makes no use of it; leave the key out, or name another task" : nil
    }
  }

  /// What the task cannot do with the settings that it has a use for.
  private static func isPossible(_ key: String) -> ConfigurationCheck {
    ConfigurationCheck(key) { configuration in
      TaskCatalogue.flaw(in: configuration.task).flatMap { $0.key == key ? $0.words : nil }
    }
  }

  /// A key that would have no effect is refused, rather than believed to have had one.
  private static func hasUse(_ key: String) -> ConfigurationCheck {
    ConfigurationCheck(key) {
      $0.isStated(key) && !ModelCatalogue.hasUse($0.model.name, for: key)
        ? "\($0.model.name) makes no use of it; leave the key out, or name another model" : nil
    }
  }

  /// Keys of an objective that has no weight.
  private static func areLearntWith(_ kind: any Objective.Type) -> [ConfigurationCheck] {
    kind.keys.map { key in
      ConfigurationCheck(key) {
        $0.isStated(key) && !$0.learns(kind)
          ? "means something to objective.\(kind.name) alone, which has no weight; give it one, or leave the key out"
          : nil
      }
    }
  }

  /// Whether the model that is asked for has what an objective needs; that of a directory is known only when it is read.
  private static func hasParts(_ kind: any Objective.Type) -> ConfigurationCheck {
    ConfigurationCheck("objective.\(kind.name)", "model.name") { configuration in
      guard configuration.learns(kind), configuration.initialize.weights == nil,
        configuration.initialize.towers == TowerPaths(),
        let model = try? ModelCatalogue.description(configuration.modelRequest()),
        model.with(kind.needs(configuration.objective)) == nil
      else { return nil }
      return kind.words(onLackIn: model, configuration.objective)
    }
  }
}

extension RunConfiguration {
  /// Whether an objective has a part in what is learnt. Beside a task with losses of its own the recipe's have none, unless
  /// somebody states their weight.
  public func learns(_ kind: any Objective.Type) -> Bool {
    let isUsual = TaskCatalogue.task(task).objectives.isEmpty
    return objective[kind.name] > 0 && (isUsual || isStated("objective.\(kind.name)"))
  }

  /// What the configuration asks of a model.
  /// - Parameters:
  ///   - vocabularySize: the tokenizer's, where it is known.
  ///   - tokens: that open and close a text.
  ///   - regionWidth: numbers of the data's regions, where that is known.
  ///   - regionClasses: classes whose probabilities they have; where nothing is known they are taken to have some.
  public func modelRequest(
    vocabularySize: Int = 1024, tokens: (start: Int32, end: Int32) = (0, 0), regionWidth: Int? = nil,
    regionClasses: Int? = ModelRequest.publishedRegionClasses, towers: FoundTowers = FoundTowers()
  ) -> ModelRequest {
    ModelRequest(
      model, vocabularySize: vocabularySize, tokens: tokens, regionWidth: regionWidth, regionClasses: regionClasses,
      towers: towers, isStated: isStated)
  }
}

extension ConfigurationCheck {
  /// What the keys allow and this version cannot do: said before anything starts.
  static let unsupported: [ConfigurationCheck] = [
    ConfigurationCheck("batch.micro") { configuration in
      let objective = ObjectiveCatalogue.all.first { configuration.learns($0) && !$0.isComputedInParts }
      guard configuration.batch.micro != nil, let objective else { return nil }
      let needed = objective.looksAtFeaturesOnly ? "all samples" : "the tokens of all pairs"
      return
        "the objective \(objective.name) needs \(needed) at once; set objective.\(objective.name) to 0, "
        + "or leave batch.micro at auto and save memory with memory.recompute: blocks"
    },
    ConfigurationCheck("batch.micro", "task.name") {
      $0.batch.micro != nil && !TaskCatalogue.task($0.task).objectives.isEmpty
        ? "\($0.task.name) learns from all samples at once; leave batch.micro at auto and save memory with "
          + "memory.recompute: blocks" : nil
    },
    ConfigurationCheck("batch.micro", "model.batch_norm") {
      $0.batch.micro != nil && $0.model.batchNorm == .synchronised
        ? "a part of a batch does not have the batch's statistics; set model.batch_norm to frozen, or leave batch.micro "
          + "at auto" : nil
    },
    ConfigurationCheck("model.batch_norm", "model.reparameterize") {
      $0.model.batchNorm == .synchronised && $0.model.reparameterize
        ? "a model whose branches are folded has no batch norm; set model.batch_norm to frozen" : nil
    },
  ]
}

extension RunConfiguration {
  /// What the checks complain about, leaving out those that look at one of `except`.
  func violations(of checks: [ConfigurationCheck], except: [String]) -> [ConfigurationProblem] {
    checks.compactMap { check in
      guard !check.keys.contains(where: except.contains), let complaint = check.complaint(self) else { return nil }
      let key = check.keys.first { origins.origin(of: $0).isStated } ?? check.keys[0]
      return ConfigurationProblem(place: origins.origin(of: key).description, message: "\(key): \(complaint)")
    }
  }

  /// Checks what depends on the number of ranks.
  /// - Throws: `ConfigurationError`.
  public func check(ranks: Int) throws {
    let problems = violations(
      of: [
        ConfigurationCheck("batch.global") {
          $0.batch.global < ranks
            ? "\($0.batch.global) pairs cannot be divided over \(ranks) ranks; give at least one for each" : nil
        }
      ], except: [])
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }

  /// Checks what depends on the steps that the data make.
  /// - Throws: `ConfigurationError` for a learning rate that would never come to its height.
  public func check(steps: Int) throws {
    let check = ConfigurationCheck("schedule.warmup_steps", "schedule.epochs") {
      guard let warmup = $0.schedule.warmupSteps, warmup > steps else { return nil }
      return "a warm-up of \(warmup) steps does not end within the \(steps) that this run has; give less, or "
        + "schedule.warmup_fraction"
    }
    let problems = violations(of: [check], except: [])
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }
}
