/// What groups of samples have to do with a task's loss: one property for each key below `objective` that begins with `group`.
public struct GroupSettings: Sendable, Equatable {
  public var method = Method.none
  /// The columns that groups are made by, as `Grouping` takes them.
  public var by = ["group"]
  /// η of `dro`: how fast weights move.
  public var rate = 0.01
  /// C of `dro`: what is added to a group's loss over the root of its number of samples.
  public var adjustment = 0.0

  public enum Method: String, CaseIterable, Sendable {
    /// Samples count alike, whatever their groups.
    case none
    /// A sample counts the less the more its group has: N / (G n).
    case reweighting
    /// Distributionally robust optimisation: a group weighs the more the more it has lost (Sagawa et al., 2020).
    case dro
  }

  public init() {}
}
