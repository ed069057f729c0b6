/// How a model learns from what its own captions are worth: one property for each key below `objective` that says so.
public struct SelfCriticalSettings: Sendable, Equatable {
  /// Captions that are drawn of each photo. One is held against the likeliest, each of several against the mean of the others.
  public var samples = 1
  /// Most tokens of a caption, the one that opens it and the one that closes it among them.
  public var length = 20
}
