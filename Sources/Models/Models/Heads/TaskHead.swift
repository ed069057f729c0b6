/// What a task puts on a model to predict with: layers whose parameters are trained and saved with the model's. Whoever made it
/// knows what kind it is: the task that measures it, and the objective that it learns by.
public protocol TaskHead: AnyObject {
  /// Says how sure it is of one of the things that it tells of an image and a text, for an explanation of that; nil where it does not tell
  /// by states in which the two have met.
  func scorer(telling number: Int, on model: any Model) -> (any PairScorer)?
}

extension TaskHead {
  public func scorer(telling number: Int, on model: any Model) -> (any PairScorer)? { nil }
}

/// What the names of a head's parameters begin with.
public let taskHeadPrefix = "task_head"
