import Evaluation
import Files
import Testing

/// Answers as the official measurement of VQA compares them: pairs and scores that its own code gave.
@Suite struct AnswerTests {
  @Test(arguments: [
    ("Yes!", "yes"), ("the cat", "cat"), ("A", ""), ("none", "0"), ("one on left", "1 on left"), ("2,000", "2000"),
    ("1.5", "1.5"), ("5.", "5"), ("at 5.30 p.m.", "at 5.30 pm"), ("black/white", "black white"),
    ("black & white", "black & white"), ("t-shirt", "t shirt"), ("red, blue", "red blue"), ("its", "its"),
    ("dont know", "don't know"), ("10:30", "10:30"), ("1,000 a-b", "1000 ab"), ("U.S.A", "usa"),
    ("yes, 2,5", "yes 25"), ("$5.00", "$5.00"), (" two\nred\tcars ", "2 red cars"), ("", ""), ("   ", ""),
  ])
  func answersAreNormalised(answer: String, expected: String) {
    #expect(OfficialAnswer.normalised(answer) == expected)
  }

  /// The first 32 periods go, as the reference's flag came to be a count.
  @Test func periodsGoUpToACount() {
    #expect(OfficialAnswer.normalised(String(repeating: ".", count: 34)) == "..")
  }

  /// The reference's table of 120 entries, sorted, a key, a tabulator and a value a line.
  @Test func contractionsAreTheReferences() {
    let lines = OfficialAnswer.contractions.map { "\($0)\t\($1)\n" }.sorted()
    #expect(lines.count == 120)
    #expect(sha256(Array(lines.joined().utf8)) == "f7e93e52d4cd2e370d30e576bfe54d4437e95fd593cec197817e9e388c46659f")
  }

  @Test(arguments: [
    ("black", ["black": 3, "x": 7], 90.0), ("black", ["black": 2, "x": 8], 60), ("black", ["black": 1, "x": 9], 30),
    ("Black.", ["black": 9, "dark": 1], 100), ("Black.", ["black": 10], 0), ("none", ["none": 1, "nothing": 9], 30),
    ("black", ["x": 10], 0), ("black", ["black": 4, "x": 6], 100), (" black\n", ["black": 10], 100),
  ])
  func tenAnnotatorsMakeTheOfficialScore(answer: String, annotators: [String: Int], expected: Double) throws {
    let all = annotators.sorted { $0.key < $1.key }.flatMap { [String](repeating: $0.key, count: $0.value) }
    let accuracy = try #require(AnswerAccuracy(all))
    #expect(abs(100 * accuracy(answer) - expected) < 1e-9)
  }

  /// By the official rule one annotator gives nothing to a right answer: so it is not used for so few.
  @Test(arguments: [(1, 0.0), (2, 33.33), (3, 66.67), (4, 100)])
  func fewAnnotatorsThatAgree(count: Int, official: Double) throws {
    let all = [String](repeating: "black", count: count)
    let (byAll, ours) = (try #require(AnswerAccuracy(all, by: .official)), try #require(AnswerAccuracy(all)))
    #expect(abs(100 * byAll("black") - official) < 0.005 && ours("black") == 1)
    #expect(AnswerRule(annotators: count) == (count < 4 ? .anyAnnotator : .official))
    #expect(AnswerAccuracy([]) == nil)
  }

  private static let questions = [
    AnsweredQuestion(answer: "yes", annotators: ["yes"], kinds: ["answer_type": "yes/no"], cluster: 0),
    AnsweredQuestion(answer: "No.", annotators: ["no"], kinds: ["answer_type": "yes/no"], cluster: 0),
    AnsweredQuestion(answer: "3", annotators: ["two"], kinds: ["answer_type": "number"], cluster: 1),
    AnsweredQuestion(answer: "red", annotators: ["the red", "dark"], kinds: ["answer_type": "other"], cluster: 2),
    AnsweredQuestion(answer: "red", annotators: [], kinds: ["answer_type": "other"], cluster: 3),
  ]

  @Test func figuresOfASmallSplit() throws {
    let majority = try #require(
      AnswerMajority([
        (["yes"], ["answer_type": "yes/no"]), (["Yes"], ["answer_type": "yes/no"]),
        (["two"], ["answer_type": "number"]),
        (["red"], ["answer_type": "other"]),
      ]))
    #expect(majority.answer == "yes" && majority.byKind["answer_type"]?["number"] == "2")
    let metrics = try AnswerMetrics(
      Self.questions, list: ["yes", "no", "2"], majority: majority, hasIntervals: true)
    #expect(metrics.questions == 4 && metrics.unanswered == 1 && metrics.rules == ["any_annotator": 4])
    #expect(metrics.accuracy == 75 && metrics.unnormalised == 25 && metrics.oracle == 75)
    #expect(metrics.majority == 25 && metrics.majorityByKind == ["answer_type": 75] && metrics.aboveMajority == 50)
    #expect(metrics.byKind["answer_type"]?.map(\.accuracy) == [0, 100, 100])
    #expect(metrics.byKind["answer_type"]?.map(\.kind) == ["number", "other", "yes/no"])
    // One of three clusters in three is right not at all.
    let interval = try #require(metrics.intervals?["accuracy"])
    #expect(interval.low == 0 && interval.high == 100)
    #expect(metrics.lines.contains("1 questions have no answer and are left out"))
  }

  /// Where all ten write the same, only that writing counts: a list of normalised answers cannot reach it.
  @Test func theBestOfAListKeepsTheRuleOfUnanimity() throws {
    let question = AnsweredQuestion(
      answer: "x", annotators: [String](repeating: "Exit 5", count: 10), cluster: 0)
    #expect(try AnswerMetrics([question], list: ["exit 5"], majority: nil).oracle == 0)
    #expect(try AnswerMetrics([question], list: ["Exit 5"], majority: nil).oracle == 100)
  }

  @Test func aSplitWithoutAnswersIsAnError() {
    let error = #expect(throws: EvaluationError.self) {
      try AnswerMetrics([Self.questions[4]], list: nil, majority: nil)
    }
    #expect(error?.description.contains("no questions with answers") == true)
    #expect(AnswerMajority([([], ["answer_type": "other"])]) == nil)
  }
}
