internal import Batching
internal import Collectives
internal import Evaluation
internal import Models
internal import Objectives
internal import TensorEngine

/// What a model answers to the questions of a split, or several together: each rank looks at its part, and all know the whole.
struct AnsweringMeasurement {
  typealias Member = (subject: MeasuredModel, head: AnsweringHead)

  let members: [Member]
  let dataSet: PreparedDataSet
  let split: String

  private var first: Member { members[0] }

  /// Questions that are answered at once.
  private static let atOnce = 64

  func callAsFunction(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> ToldAnswers {
    let (subject, head) = first
    var (answers, confidences): ([Int32], [Double]) = ([], [])
    try forEachQuestion(progress) { logits in
      answers.append(Int32(likeliest(logits)))
      confidences.append(head.task.confidence(logits))
    }
    let all = try gatherOverRanks(answers, subject.communicator, "answers of the split")
    let sure = try gatherOverRanks(confidences, subject.communicator, "confidences of the split")
    let asked = try AskedQuestions(dataSet, split: split)
    let clusters = try subject.clusters(of: dataSet, split: split)
    let questions = asked.questions.indices.map { place in
      let question = asked.questions[place]
      return AnsweredQuestion(
        answer: head.task.answers.names[Int(all[place])], annotators: question.answers, kinds: question.kinds,
        cluster: clusters[asked.photoOfQuestion[place]], confidence: sure[place])
    }
    subject.cases?.add(CaseSet(questions, photos: asked.photoOfQuestion))
    return ToldAnswers(questions: questions, numbers: all.map { Int($0) })
  }

  /// All logits, where one answer to a question is right: what most annotators said.
  func predictions(_ progress: (_ done: Int, _ total: Int) -> Void) throws -> ClassPredictions {
    let (subject, head) = first
    var logits: [Float] = []
    try forEachQuestion(progress) { logits += $0 }
    let asked = try AskedQuestions(dataSet, split: split)
    let clusters = try subject.clusters(of: dataSet, split: split)
    let usual = asked.questions.map(\.usualAnswer)
    var predictions = ClassPredictions(
      classes: head.task.answers.names,
      logits: try gatherOverRanks(logits, subject.communicator, "logits of the split"),
      targets: usual.map { answer in answer.flatMap { head.task.answers[$0] }.map { [$0] } ?? [] },
      clusters: asked.photoOfQuestion.map { clusters[$0] }, isSeveral: false)
    predictions.outside = usual.indices.filter { usual[$0] != nil && predictions.targets[$0].isEmpty }
    return predictions
  }

  /// The logits of each question of a rank's part; of several models those of their mean probabilities, for which what all of them say is
  /// in memory meanwhile.
  private func forEachQuestion(
    _ progress: (_ done: Int, _ total: Int) -> Void, _ body: (ArraySlice<Float>) -> Void
  ) throws {
    guard members.count > 1 else { return try forEachQuestion(of: first, progress, body) }
    let (count, isExclusive) = (first.head.task.answers.count, first.head.task.isExclusive)
    let logits = try members.map { member in
      var logits: [Float] = []
      try forEachQuestion(of: member, progress) { logits += $0 }
      return logits
    }
    for start in stride(from: 0, to: logits[0].count, by: count) {
      body(pooledLogits(logits.map { $0[start..<start + count] }, isExclusive: isExclusive)[...])
    }
  }

  private func forEachQuestion(
    of member: Member, _ progress: (_ done: Int, _ total: Int) -> Void, _ body: (ArraySlice<Float>) -> Void
  ) throws {
    let loader = try member.subject.loader(dataSet, split: split, member.head.task.columns)
    try member.subject.forEachChunk(of: loader) { chunk in
      for logits in self.logits(chunk, member) { for row in rows(logits) { body(row) } }
      progress(chunk.firstIndex + chunk.count - loader.range.lowerBound, loader.range.count)
    }
  }

  /// Of a chunk's questions, some at a time.
  private func logits(_ chunk: EvaluationChunk, _ member: Member) -> [Tensor] {
    let (subject, head) = member
    guard let questions = chunk.columns.questions?.texts, questions.count > 0 else { return [] }
    let tape = Tape(subject.engine, recording: false)
    let range = chunk.firstIndex..<chunk.firstIndex + chunk.count
    let images = head.task.blind == .image ? nil : subject.encodedImages(chunk, range, head.reader.tokens, tape)
    let imageOfQuestion = questions.counts.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    let packed = PackedText(questions)
    return stride(from: 0, to: questions.count, by: Self.atOnce).map { first in
      let part = first..<min(first + Self.atOnce, questions.count)
      let samples = part.map { head.sample(image: imageOfQuestion[$0], question: $0 - first) }
      return head(
        subject.model, images: images, texts: head.encoded(packed[part], subject.model, tape), samples, tape)
    }
  }
}

/// What is answered to the questions of a split.
struct ToldAnswers {
  let questions: [AnsweredQuestion]
  /// The numbers of the answers.
  let numbers: [Int]
  /// How a decoder has told them; nil for a head that chooses.
  var way: String?
  /// How many that were written the model had not ended by itself.
  var cut: Int?

  /// How right each is.
  var judged: JudgedSplit {
    JudgedSplit(
      said: numbers.map { [$0] },
      percent: questions.map { question in AnswerAccuracy(question.annotators).map { 100 * $0(question.answer) } })
  }
}

/// The first of the likeliest.
func likeliest(_ logits: ArraySlice<Float>) -> Int {
  logits.indices.reduce(logits.startIndex) { logits[$1] > logits[$0] ? $1 : $0 } - logits.startIndex
}

/// [N, A] by rows.
func rows(_ logits: Tensor) -> [ArraySlice<Float>] {
  let (values, count) = (logits.values(), logits.columns)
  return (0..<logits.rows).map { values[$0 * count..<($0 + 1) * count] }
}
