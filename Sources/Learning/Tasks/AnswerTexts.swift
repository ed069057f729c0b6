internal import Batching
internal import Evaluation
internal import Models
internal import Tokenization

/// What people have answered to questions, as a decoder learns it: of each question its distinct answers, in the words by which an answer is
/// measured, each with the share of annotators that gave it. Questions that nobody has answered are left out.
struct AnswerTexts {
  /// Of those that are left, by their places; the first of all where none is, which then counts nothing: what ranks do together, a rank
  /// without an answer does too.
  let questions: [Int]
  /// How many have been answered.
  let count: Int
  /// The distinct answers, question by question.
  let texts: PackedText
  /// Of each answer.
  let shares: [Float]
  /// Of each answer its place in `questions`.
  let questionOfText: [Int]

  /// - Parameter limit: most tokens of a text.
  init(_ all: [Question], _ tokenizer: any Tokenizer, limit: Int) {
    let answered = all.indices.filter { !all[$0].answers.isEmpty }
    (questions, count) = (answered.isEmpty ? [0] : answered, answered.count)
    var (ids, shares, owners): ([[Int32]], [Float], [Int]) = ([], [], [])
    for (place, question) in questions.enumerated() {
      let targets = all[question].sharedAnswers
      for (answer, share) in targets.isEmpty ? [("", 0)] : targets {
        ids.append(tokenizer.encode(answer, limit: limit))
        shares.append(share)
        owners.append(place)
      }
    }
    (texts, self.shares, questionOfText) = (PackedText(ids), shares, owners)
  }
}

extension Question {
  /// The distinct answers, as an answer is compared with them, and the share of annotators that gave each; in the order in which they were
  /// given.
  package var sharedAnswers: [(answer: String, share: Float)] {
    guard let compared = AnswerAccuracy(answers)?.compared else { return [] }
    var (order, counts): ([String], [String: Int]) = ([], [:])
    for answer in compared {
      if counts[answer] == nil { order.append(answer) }
      counts[answer, default: 0] += 1
    }
    return order.map { ($0, Float(counts[$0] ?? 0) / Float(compared.count)) }
  }
}
