internal import Collectives
internal import Models
internal import Objectives
internal import Tasks

extension ConfigurationCheck {
  /// What a private run needs, and what would break its promise: each with the reason.
  static let privacy: [ConfigurationCheck] =
    [
      ConfigurationCheck("privacy.noise", "privacy.target_epsilon", "privacy.clip") {
        guard $0.privacy.isOn else { return nil }
        return ($0.privacy.noise == nil) == ($0.privacy.targetEpsilon == nil)
          ? "a private run takes either a noise or the ε that it is to keep; set one of privacy.noise and privacy.target_epsilon"
          : nil
      },
      breaks("precision") {
        $0.precision != .fp32
          ? "norms in a private run are told of fp32 products; set precision to fp32" : nil
      },
      breaks("communication.wire") {
        $0.communication.wire != .fp32
          ? "sums in a private run are exact, which bf16 is not; set communication.wire to fp32" : nil
      },
      breaks("model.batch_norm") {
        $0.model.batchNorm != .frozen
          ? "the statistics of a batch let each sample change what is learnt of all others, by more than its clipped gradient; "
            + "set model.batch_norm to frozen" : nil
      },
      breaks("data.mixup") {
        $0.data.mixUp > 0
          ? "a mixed sample is of two units, and clipping bounds what one of them changes; set data.mixup to 0" : nil
      },
      breaks("task.sampling") {
        $0.task.sampling != .uniform
          ? "what a step gives away is counted for units that are all drawn with the same probability; set task.sampling to uniform"
          : nil
      },
      breaks("task.weights") {
        $0.task.weights != .none
          ? "what classes weigh follows from how often private samples have them, which no ε counts; set task.weights to none"
          : nil
      },
      breaks("task.answers.file") {
        $0.task.name == AnsweringTask.name && $0.task.answerForm != .open && $0.task.answersFile == nil
          ? "the answers would be those that private samples have, which no ε counts; name them in a file, one a line"
          : nil
      },
      breaks("evaluation.split") {
        $0.evaluation.split == $0.data.split
          ? "what is measured on the private samples themselves tells of them, which no ε counts; name another split, or none"
          : nil
      },
      breaks("model.projection.standardize") {
        $0.model.projection.standardize != .none
          ? "features are standardised by those of all private samples, which no ε counts; set model.projection.standardize to none"
          : nil
      },
      breaks("optimizer.gradient_clip") {
        $0.isStated("optimizer.gradient_clip") && $0.optimizer.gradientClip > 0
          ? "the gradient of each unit is clipped by privacy.clip already, and their sum with its noise is taken as it is; leave it out"
          : nil
      },
      breaks("memory.recompute") {
        $0.memory.recompute != .none
          ? "a private run computes unit by unit, of which nothing has to be computed again; leave it out" : nil
      },
      breaks("objective.group") {
        $0.objective.group.method != .none
          ? "weights of groups follow from the losses of private samples; set objective.group to none" : nil
      },
      breaks("balance.method", "balance.measure") {
        $0.task.balance.hasHeads
          ? "what keeps modalities in balance follows from the losses of private samples; set balance.method to none and balance.measure to false"
          : nil
      },
      breaks("batch.micro") {
        $0.batch.micro != nil
          ? "a private run computes unit by unit as it is; leave batch.micro at auto" : nil
      },
      breaks("evaluation.patience") {
        $0.evaluation.patience != nil
          ? "a run that ends by what it measures tells something of the samples that it measures on, which no ε counts; "
            + "set evaluation.patience to none" : nil
      },
    ] + ObjectiveCatalogue.all.map(isOfUnits) + keysOfPrivacy.map(hasUseToPrivacy)

  /// Keys that mean something to a private run alone.
  static let keysOfPrivacy = ConfigurationKey.all.map(\.path).filter {
    $0.hasPrefix("privacy.") && $0 != "privacy.clip"
  }

  /// A rule of private runs alone.
  private static func breaks(
    _ keys: String..., complaint: @escaping @Sendable (RunConfiguration) -> String?
  ) -> ConfigurationCheck {
    ConfigurationCheck(keys + ["privacy.clip"]) { $0.privacy.isOn ? complaint($0) : nil }
  }

  /// A loss that one unit has a bounded share in.
  private static func isOfUnits(_ kind: any Objective.Type) -> ConfigurationCheck {
    ConfigurationCheck("objective.\(kind.name)", "privacy.clip") {
      guard $0.privacy.isOn, $0.learns(kind), !kind.isOfSingleSamples else { return nil }
      return
        "the loss \(kind.name) of one sample hangs on the others of its batch, so clipping gradients one by one bounds nothing; "
        + "set objective.\(kind.name) to 0, and learn classes, answers, captions or masked words"
    }
  }

  private static func hasUseToPrivacy(_ key: String) -> ConfigurationCheck {
    ConfigurationCheck(key) {
      $0.isStated(key) && !$0.privacy.isOn
        ? "means something to a private run alone; set privacy.clip, or leave the key out" : nil
    }
  }
}
