/// What somebody would say who has seen how often each answer is right, and neither question nor image.
public struct AnswerMajority: Codable, Equatable, Sendable {
  /// The most frequent answer.
  public var answer: String
  /// The most frequent one to questions of each kind, by what the data call the grouping: `answer_type`, `question_type`.
  public var byKind: [String: [String: String]]

  /// Of a training split; nil where nobody has answered anything. Of equally frequent ones the first in order.
  /// - Parameter questions: what all annotators of each said, and of which kinds it is.
  public init?(_ questions: [(annotators: [String], kinds: [String: String])]) {
    var all = AnswerCounts()
    var kinds: [String: [String: AnswerCounts]] = [:]
    for question in questions {
      for answer in question.annotators.map(OfficialAnswer.normalised) {
        all.add(answer)
        for (grouping, kind) in question.kinds {
          kinds[grouping, default: [:]][kind, default: AnswerCounts()].add(answer)
        }
      }
    }
    guard let answer = all.mostFrequent else { return nil }
    self.answer = answer
    byKind = kinds.mapValues { $0.compactMapValues(\.mostFrequent) }
  }

  /// To a question of these kinds.
  public func answer(to kinds: [String: String], by grouping: String) -> String {
    kinds[grouping].flatMap { byKind[grouping]?[$0] } ?? answer
  }
}

private struct AnswerCounts {
  private var counts: [String: Int] = [:]

  mutating func add(_ answer: String) { counts[answer, default: 0] += 1 }

  var mostFrequent: String? { counts.min { (-$0.value, $0.key) < (-$1.value, $1.key) }?.key }
}
