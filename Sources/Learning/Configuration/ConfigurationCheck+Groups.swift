internal import Objectives
internal import Tasks

extension ConfigurationCheck {
  /// What groups of samples count.
  static let groups: [ConfigurationCheck] =
    [
      ConfigurationCheck("objective.group_by") {
        Grouping($0.objective.group.by) == nil
          ? "\($0.objective.group.by) makes no groups; give group or label:NAME, or several of these, each once" : nil
      },
      ConfigurationCheck("objective.group", "task.name") { configuration in
        guard configuration.objective.group.method != .none else { return nil }
        let learnt =
          TaskCatalogue.task(configuration.task).objectives + ObjectiveCatalogue.all.filter { configuration.learns($0) }
        guard let kind = learnt.first(where: { !$0.weighsSamples }) else { return nil }
        return
          "the loss \(kind.name) is no mean of losses of single samples, so groups of these cannot count more or less in it; "
          + "set objective.group to none, or learn by a task's loss alone"
      },
      ConfigurationCheck("objective.group", "task.sampling") {
        $0.objective.group.method == .reweighting && $0.task.sampling != .uniform
          ? "reweighting and a sampling that is not uniform would count groups twice; set task.sampling to uniform, or "
            + "objective.group to none" : nil
      },
    ]
    + ["objective.group_by", "objective.group_rate", "objective.group_adjustment"].map { key in
      ConfigurationCheck(key) { $0.isStated(key) ? $0.whatGroupsLack(for: key) : nil }
    }
}

extension RunConfiguration {
  /// Why a key means nothing, as nothing is done by groups that it would decide; nil for one that has a use.
  func whatGroupsLack(for key: String) -> String? {
    switch key {
    case "objective.group_by":
      objective.group.method == .none && task.sampling != .groups
        ? "nothing is done by groups; set objective.group to reweighting or dro, or task.sampling to groups" : nil
    case "objective.group_rate", "objective.group_adjustment":
      objective.group.method != .dro
        ? "means something to group DRO alone; set objective.group to dro, or leave the key out" : nil
    default: nil
    }
  }
}
