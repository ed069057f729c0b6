public import Reporting

/// What a task has measured of a model on a split. Encoded it is what `mmtrain evaluate --json` prints.
public protocol TaskReport: Encodable, Sendable {
  /// What a line of `metrics.jsonl` says of it.
  var members: [(String, OrderedJSON)] { get }
  /// The figures that a person looks at first, with their names.
  var summary: [(name: String, value: String)] { get }
  /// All of it, for a terminal.
  var table: String { get }
  /// By what the best weights are chosen: the highest is the best.
  var score: Double { get }
  /// Texts that the model has written of samples, where it writes any: in training of some, else of all.
  var samples: [WrittenSample] { get }
  /// What a page can show beside the figures, where somebody asked for it when the split was measured.
  var exhibits: [Exhibit] { get }
  /// What is no figure of the model: how quickly it worked. A sentence each.
  var speed: [String] { get }
}

extension TaskReport {
  public var samples: [WrittenSample] { [] }
  public var exhibits: [Exhibit] { [] }
  public var speed: [String] { [] }
}
