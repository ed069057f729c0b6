/// Questions about the photos of b samples, with what people answered.
public struct QuestionBatch: Equatable, Sendable {
  public var texts: TextBatch
  /// Answers, kinds and number of each of the m questions, in the order of `texts`.
  public var questions: [Question]

  init(_ samples: [EncodedQuestions]) {
    texts = TextBatch(samples.map(\.texts))
    questions = samples.flatMap(\.values)
  }
}

/// The questions of one sample.
struct EncodedQuestions: Sendable {
  var texts = EncodedTexts()
  var values: [Question] = []
}

extension SampleMaker {
  func encode(_ questions: ArraySlice<Question>) -> EncodedQuestions {
    EncodedQuestions(texts: encode(questions.map(\.text), from: questions.startIndex), values: Array(questions))
  }
}
