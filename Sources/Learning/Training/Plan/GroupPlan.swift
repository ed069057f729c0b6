internal import Batching
internal import Configuration
internal import Objectives
internal import Tasks

/// What groups of samples have to do with a run: how they count in its loss, and how often they are drawn.
struct GroupPlan {
  /// Nil where all samples count alike.
  let lossGroups: LossGroups?
  /// The samples of each group; nil where samples are drawn as they come.
  let drawnInTurn: [[Int]]?

  /// Nil for a run that knows no groups.
  /// - Parameter tell: is told which groups there are, and what to know of them, a sentence each.
  init?(
    _ configuration: RunConfiguration, _ task: any Task, _ dataSet: PreparedDataSet, tell: (String) -> Void
  ) throws {
    let (method, isDrawn) = (configuration.objective.group.method, configuration.task.sampling == .groups)
    guard method != .none || isDrawn, let grouping = Grouping(configuration.objective.group.by) else { return nil }
    let split = configuration.data.split
    let groups = try SampleGroups(dataSet, split: split, grouping)
    let teaches = try task.teaches(from: dataSet, split: split)
    let members = try groups.members(teaching: teaches)
    tell(groups.sentence(members, teaching: teaches))
    lossGroups =
      method == .none ? nil : LossGroups(grouping, members.map { (name: $0.name, samples: $0.samples.count) })
    drawnInTurn = isDrawn ? members.map(\.samples) : nil
    guard method == .dro else { return }
    if !isDrawn {
      tell("group DRO sees small groups seldom as samples are drawn; task.sampling: groups draws all equally often")
    }
    if members.count > configuration.batch.global {
      tell(
        "\(members.count) groups are more than the \(configuration.batch.global) of a batch: in each step most keep the "
          + "weights that they have")
    }
  }
}
