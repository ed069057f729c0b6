public import Checkpoints

extension Checkpoint {
  /// How many ranks trained when it was saved; nil where its `training_state/state.json` is none that a run can go on from.
  public var ranks: Int? { try? ResumePoint(self).state.ranks }
}
