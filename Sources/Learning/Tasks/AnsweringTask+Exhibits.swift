internal import Batching
internal import Evaluation

extension AnsweringTask {
  /// What a page shows of the answers to the questions of a split.
  func exhibits(
    _ told: ToldAnswers, _ metrics: AnswerMetrics, of dataSet: PreparedDataSet, split: String, showing count: Int
  ) throws -> [Exhibit] {
    let asked = try AskedQuestions(dataSet, split: split)
    let samples = try dataSet.samples(split: split)
    let rightness = told.questions.map { question in AnswerAccuracy(question.annotators).map { $0(question.answer) } }
    func shown(_ questions: ArraySlice<Int>) -> [ShownSample] {
      questions.map { number in
        let (place, question) = (asked.photoOfQuestion[number], told.questions[number])
        var sample = ShownSample(place: place, name: samples[place].key)
        (sample.text, sample.isRight) = (asked.questions[number].text, rightness[number] == 1)
        sample.told = [
          .init(
            text: question.answer, probability: question.confidence, number: form == .list ? told.numbers[number] : nil)
        ]
        sample.right = counted(question.annotators)
        return sample
      }
    }
    let curve = metrics.riskCoverage.map { [Exhibit.riskCoverage($0, area: metrics.aurc)] } ?? []
    return curve + chosen(told, rightness, count, shown).map { .samples($0) }
  }

  /// The surest of the answers that nobody gave, and what is all right and hardly sure.
  private func chosen(
    _ told: ToldAnswers, _ rightness: [Double?], _ count: Int, _ shown: (ArraySlice<Int>) -> [ShownSample]
  ) -> [ShownSamples] {
    let sure = told.questions.map { $0.confidence ?? 0 }
    let known = rightness.indices.filter { rightness[$0] != nil }
    let wrong = known.filter { rightness[$0] == 0 }.sorted { (sure[$1], $0) < (sure[$0], $1) }
    let right = known.filter { rightness[$0] == 1 }.sorted { (sure[$0], $0) < (sure[$1], $1) }
    let (most, least) = (wrong.prefix((count + 1) / 2), right.prefix(count / 2))
    return [
      ShownSamples(
        title: "The surest mistakes",
        choice:
          "Answered as nobody does: \(wrong.count) of \(known.count) questions. Shown: \(most.count), the surest first.",
        samples: shown(most)),
      ShownSamples(
        title: "Right, and hardly sure",
        choice:
          "Answered right: \(right.count) of \(known.count) questions. Shown: \(least.count), the least sure first.",
        samples: shown(least)),
    ].filter { !$0.samples.isEmpty }
  }

  /// What people said, each answer once, with how many gave it where they were several; in the order in which answers came.
  private func counted(_ answers: [String]) -> [String] {
    let distinct = answers.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
    guard answers.count > 1 else { return distinct }
    return distinct.map { answer in "\(answer) (\(answers.count { $0 == answer }) of \(answers.count))" }
  }
}
