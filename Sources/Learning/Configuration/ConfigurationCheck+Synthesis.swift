internal import Objectives
internal import Tasks

extension ConfigurationCheck {
  /// Samples that are mixed two by two, and texts that lack words.
  static let synthesis: [ConfigurationCheck] = [
    ConfigurationCheck("data.mixup", "task.name", "task.inputs") { configuration in
      guard configuration.data.mixUp > 0 else { return nil }
      return TaskCatalogue.task(configuration.task).obstacleToMixing.map {
        "\(configuration.task.name) \($0); or set data.mixup to 0"
      }
    },
    ConfigurationCheck("data.mixup") { configuration in
      guard configuration.data.mixUp > 0 else { return nil }
      return ObjectiveCatalogue.all.first { configuration.learns($0) }.map {
        "the loss \($0.name) knows nothing of samples that are mixed; set objective.\($0.name) or data.mixup to 0"
      }
    },
    ConfigurationCheck("data.mixup", "objective.group") {
      $0.data.mixUp > 0 && $0.objective.group.method != .none
        ? "a sample that is mixed of two groups counts as neither; set data.mixup to 0, or objective.group to none"
        : nil
    },
    ConfigurationCheck("data.mixup", "balance.method", "balance.measure") {
      $0.data.mixUp > 0 && $0.task.balance.hasHeads
        ? "single modalities are scored by one class a sample, and mixed ones have two; set data.mixup to 0, or balance.method to none "
          + "and balance.measure to false" : nil
    },
    ConfigurationCheck("data.word_drop", "task.name", "task.inputs") { configuration in
      guard configuration.data.wordDrop > 0 else { return nil }
      return TaskCatalogue.task(configuration.task).obstacleToWordDrop.map {
        "\(configuration.task.name) \($0); or set data.word_drop to 0"
      }
    },
  ]
}
