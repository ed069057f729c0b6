package import Batching
internal import Evaluation
internal import Reporting

/// The questions of a split in its order, and the photo of each.
struct AskedQuestions {
  let questions: [Question]
  let photoOfQuestion: [Int]
  private let split: String

  init(_ dataSet: PreparedDataSet, split: String) throws {
    var (questions, photos): ([Question], [Int]) = ([], [])
    for (photo, sample) in try dataSet.samples(split: split).enumerated() {
      let own = try dataSet.columns([.questions], of: sample).columns.questions
      questions += own
      photos += [Int](repeating: photo, count: own.count)
    }
    (self.questions, photoOfQuestion, self.split) = (questions, photos, split)
  }

  /// The answer that most annotators gave to each question, normalised, with how many questions it is of: the most frequent first, equally
  /// frequent ones by their bytes.
  var frequencies: [(answer: String, questions: Int)] {
    var counts: [String: Int] = [:]
    for question in questions {
      if let answer = question.usualAnswer { counts[answer, default: 0] += 1 }
    }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// What a decoder learns where no list says it.
  var sentenceOfOpenAnswers: String {
    let answered = questions.filter { !$0.answers.isEmpty }
    let distinct = Set(answered.flatMap { $0.sharedAnswers.map(\.answer) })
    return "answers are written: \(distinct.count) different ones to \(answered.count) questions of \(printable(split))"
      + (answered.count < questions.count ? ", and \(questions.count - answered.count) have no answer at all" : "")
  }

  /// What is told, and what no answer of the list is right for.
  func sentence(_ list: AnswerChoice, _ answers: ClassList, isOfModel: Bool) -> String {
    let answered = questions.filter { !$0.answers.isEmpty }
    let missed = answered.count { question in
      !question.answers.contains { answers[OfficialAnswer.normalised($0)] != nil }
    }
    return "\(answers.count) answers, \(list.origin)" + (isOfModel ? ", told by the model's own head" : "")
      + "; no answer of theirs is right for \(missed) of \(answered.count) questions of \(printable(split))"
      + (answered.count < questions.count ? ", and \(questions.count - answered.count) have no answer at all" : "")
  }
}

extension Question {
  /// What most annotators said, normalised; of equally frequent ones the one that was given first.
  package var usualAnswer: String? {
    let normalised = answers.map(OfficialAnswer.normalised)
    return normalised.enumerated().max { first, second in
      let (a, b) = (count(first.element, normalised), count(second.element, normalised))
      return (a, second.offset) < (b, first.offset)
    }?.element
  }

  private func count(_ answer: String, _ all: [String]) -> Int { all.count { $0 == answer } }
}
