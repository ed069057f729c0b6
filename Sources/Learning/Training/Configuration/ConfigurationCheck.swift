/// A rule between values, each of which is fine by itself.
struct ConfigurationCheck: Sendable {
  /// The keys it looks at; the complaint is placed at the first of them that somebody stated.
  let keys: [String]
  /// What is wrong and what to do, or nil.
  let complaint: @Sendable (RunConfiguration) -> String?

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
      headsDivideWidth("model.vision") { ($0.model.vision.heads, $0.model.vision.width) },
      headsDivideWidth("model.text") { ($0.model.text.heads, $0.model.text.width) },
      headsDivideWidth("model.fusion") { ($0.model.fusion.heads, $0.model.fusion.width) },
      ConfigurationCheck(
        "objective.contrastive", "objective.sigmoid", "objective.matching", "objective.masked_text"
      ) {
        $0.objective.contrastive + $0.objective.sigmoid + $0.objective.matching + $0.objective.maskedText > 0
          ? nil : "every objective has weight 0, so nothing would be learned; give one of them a weight"
      },
      ConfigurationCheck("objective.matching", "model.name") {
        $0.objective.matching > 0 && $0.model.name == .clip
          ? "the matching loss needs model.name: cross-attention, as clip has no layers that see both; set it to 0"
          : nil
      },
      ConfigurationCheck("batch.global") {
        $0.batch.global < 2 && $0.objective.contrastive + $0.objective.sigmoid + $0.objective.matching > 0
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
    ] + ["layers", "heads", "width", "direction"].map(fusionNeedsCrossAttention)

  private static func headsDivideWidth(
    _ section: String, _ values: @escaping @Sendable (RunConfiguration) -> (heads: Int, width: Int)
  ) -> ConfigurationCheck {
    ConfigurationCheck("\(section).heads", "\(section).width") {
      let (heads, width) = values($0)
      return width % heads == 0 ? nil : "\(heads) heads do not divide a width of \(width); choose a divisor of \(width)"
    }
  }

  /// A key that would have no effect is refused, rather than believed to have had one.
  private static func fusionNeedsCrossAttention(_ name: String) -> ConfigurationCheck {
    ConfigurationCheck("model.fusion.\(name)") {
      $0.model.name == .clip && $0.isStated("model.fusion.\(name)")
        ? "clip has no fusion layers; leave the key out, or set model.name to cross-attention" : nil
    }
  }
}

extension ConfigurationCheck {
  /// What the keys allow and this version cannot do: said before anything starts.
  static let unsupported: [ConfigurationCheck] = [
    ConfigurationCheck("objective.masked_text") {
      $0.objective.maskedText > 0 ? "masked text is not implemented in this version; set it to 0" : nil
    },
    ConfigurationCheck("batch.micro", "objective.matching") {
      $0.batch.micro != nil && $0.objective.matching > 0
        ? "the matching loss needs the tokens of all pairs at once; set objective.matching to 0, or leave batch.micro at "
          + "auto and save memory with memory.recompute: blocks" : nil
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
  func check(steps: Int) throws {
    let check = ConfigurationCheck("schedule.warmup_steps", "schedule.epochs") {
      guard let warmup = $0.schedule.warmupSteps, warmup > steps else { return nil }
      return "a warm-up of \(warmup) steps does not end within the \(steps) that this run has; give less, or "
        + "schedule.warmup_fraction"
    }
    let problems = violations(of: [check], except: [])
    guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
  }
}
