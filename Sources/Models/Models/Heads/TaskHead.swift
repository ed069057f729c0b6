/// What a task puts on a model to predict with: layers whose parameters are trained and saved with the model's. Whoever made it
/// knows what kind it is: the task that measures it, and the objective that it learns by.
public protocol TaskHead: AnyObject {}

/// What the names of a head's parameters begin with.
public let taskHeadPrefix = "task_head"
