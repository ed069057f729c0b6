/// What a model says of the N samples of a split, and how right that is: all that figures of several modalities are made of, whatever the
/// task.
public struct JudgedSplit: Equatable, Sendable {
  /// [N]: the numbers of the classes, or that of the answer.
  public var said: [[Int]]
  /// [N], in percent; nil where nobody knows what is right.
  public var percent: [Double?]

  public init(said: [[Int]], percent: [Double?]) { (self.said, self.percent) = (said, percent) }

  /// N
  public var count: Int { said.count }
}

extension ClassPredictions {
  /// What is said of each sample: nothing that could be right where a logit is no number.
  public func said() -> [[Int]] {
    (0..<count).map { sample in
      let judged = JudgedSample(self, sample)
      return judged.isFinite ? classes.indices.filter { judged.isTaken[$0] } : [Self.nothing]
    }
  }

  /// The number of no class.
  static let nothing = -1

  /// In percent; nil of a sample whose class nobody knows.
  public static func percent(_ said: [Int], targets: [Int], isSeveral: Bool) -> Double? {
    guard isSeveral || !targets.isEmpty else { return nil }
    return Set(said) == Set(targets) ? 100 : 0
  }

  public var judged: JudgedSplit {
    let said = said()
    return JudgedSplit(
      said: said, percent: zip(said, targets).map { Self.percent($0, targets: $1, isSeveral: isSeveral) })
  }
}
