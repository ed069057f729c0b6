/// What was found of single cases while a split was measured, for who wants to compare groups of them: each figure is the mean of a value
/// of each case.
public final class MeasuredCases {
  public private(set) var sets: [CaseSet] = []

  public init() {}

  /// The same on all ranks.
  public func add(_ set: CaseSet) { sets.append(set) }
}

/// Cases of one kind, as the questions of a split.
public struct CaseSet: Sendable {
  /// What they are, in words: "questions".
  public var unit: String
  /// The sample of each, by its place in the split.
  public var samples: [Int]
  public var figures: [Figure]

  public struct Figure: Sendable {
    /// In JSON.
    public var key: String
    /// In a table.
    public var name: String
    /// Of each case, in percent.
    public var values: [Double]

    public init(_ key: String, _ name: String, _ values: [Double]) {
      (self.key, self.name, self.values) = (key, name, values)
    }
  }

  public init(_ unit: String, samples: [Int], _ figures: [Figure]) {
    (self.unit, self.samples, self.figures) = (unit, samples, figures)
  }
}
