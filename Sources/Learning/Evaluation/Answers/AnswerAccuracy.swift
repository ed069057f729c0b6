/// How right an answer is, by the number of those who were asked before.
public enum AnswerRule: String, Codable, Sendable {
  /// The official one, for four annotators at least (Antol et al., ICCV 2015): as often as three of the others say the same, leaving out
  /// each in turn. Of ten annotators 0, 1, 2, 3 and 4 that agree make 0, 30, 60, 90 and 100 percent.
  case official
  /// For fewer, to whom the official one would give less than all even where they all agree: whether any says the same.
  case anyAnnotator = "any_annotator"

  /// - Parameter annotators: one at least.
  public init(annotators: Int) { self = annotators < 4 ? .anyAnnotator : .official }
}

/// An answer against those of its annotators.
public struct AnswerAccuracy: Sendable {
  let rule: AnswerRule
  private let annotators: [String]
  /// All annotators wrote the same, so nothing is normalised: what is asked is how a word on a picture is written.
  private let isUnanimous: Bool

  /// Nil where nobody has answered.
  /// - Parameter rule: what their number calls for, where none is told.
  public init?(_ annotators: [String], by rule: AnswerRule? = nil) {
    guard !annotators.isEmpty else { return nil }
    let rule = rule ?? AnswerRule(annotators: annotators.count)
    self.rule = rule
    let isUnanimous = rule == .official && annotators.allSatisfy { $0 == annotators[0] }
    self.isUnanimous = isUnanimous
    self.annotators = annotators.map { isUnanimous ? OfficialAnswer.trimmed($0) : OfficialAnswer.normalised($0) }
  }

  /// What answers are compared with, one an annotator: normalised, but where nothing is.
  public var compared: [String] { annotators }

  /// From 0 to 1.
  public func callAsFunction(_ answer: String) -> Double {
    let answer = isUnanimous ? OfficialAnswer.trimmed(answer) : OfficialAnswer.normalised(answer)
    return share(agreeing: annotators.count { $0 == answer })
  }

  /// The same without any normalisation.
  static func unnormalised(_ answer: String, _ annotators: [String]) -> Double? {
    AnswerAccuracy(annotators)?.share(agreeing: annotators.count { $0 == answer })
  }

  /// The best that an answer of a list can reach.
  /// - Parameter answers: as the list writes them, normalised or not.
  public func best(of answers: AnswerList) -> Double {
    annotators.map { answers.holds($0, isUnanimous: isUnanimous) ? share(agreeing: count(of: $0)) : 0 }.max() ?? 0
  }

  private func count(of answer: String) -> Int { annotators.count { $0 == answer } }

  private func share(agreeing count: Int) -> Double {
    guard rule == .official else { return count > 0 ? 1 : 0 }
    let (among, without) = (min(1, Double(count - 1) / 3), min(1, Double(count) / 3))
    return (Double(count) * max(among, 0) + Double(annotators.count - count) * without) / Double(annotators.count)
  }
}

/// The answers that a model chooses among.
public struct AnswerList: Sendable {
  private let asWritten: Set<String>
  private let normalised: Set<String>

  public init(_ answers: [String]) {
    asWritten = Set(answers.map(OfficialAnswer.trimmed))
    normalised = Set(answers.map(OfficialAnswer.normalised))
  }

  func holds(_ answer: String, isUnanimous: Bool) -> Bool {
    isUnanimous ? asWritten.contains(answer) : normalised.contains(answer)
  }
}
