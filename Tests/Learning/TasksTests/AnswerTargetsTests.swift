import Batching
import Foundation
import Tasks
import Testing

/// What a model is to say to a question that several people have answered.
@Suite struct AnswerTargetsTests {
  private func shares(_ answers: [String], _ list: [String]) -> [Float] {
    var shares = [Float](repeating: 0, count: list.count)
    for target in Question(text: "?", answers: answers).targets(ClassList(list)) {
      shares[target.number] = target.share
    }
    return shares
  }

  private func times(_ counts: (String, Int)...) -> [String] {
    counts.flatMap { [String](repeating: $0.0, count: $0.1) }
  }

  /// The official scores of one, two, three and four of ten.
  @Test func tenAnnotatorsShareWhatIsRight() {
    let told = shares(
      times(("black", 4), ("dark", 3), ("grey", 2), ("blue", 1)), ["blue", "grey", "red", "dark", "black"])
    for (share, expected) in zip(told, [0.3, 0.6, 0, 0.9, 1] as [Float]) { #expect(abs(share - expected) < 1e-6) }
  }

  /// Both sides are normalised, and an answer that nobody lists has no target.
  @Test func annotatorsAreNormalisedAsTheListIs() {
    #expect(shares(times(("Black.", 10)), ["black"]) == [1])
    #expect(shares(["the cat"], ["cat", "dog"]) == [1, 0])
    #expect(shares(times(("two", 2), ("2", 2), ("cats", 6)), ["2"]) == [1])
    #expect(Question(text: "?", answers: ["bird"]).targets(ClassList(["cat"])).isEmpty)
    #expect(Question(text: "?").targets(ClassList(["cat"])).isEmpty)
  }

  /// What a decoder learns: each distinct answer once, as it is measured, by its share; where four or more write the same, as they write it.
  @Test func distinctAnswersHaveTheirShares() {
    let shared = Question(text: "?", answers: times(("2", 6), ("Two", 1), ("3", 2), ("a dog", 1))).sharedAnswers
    #expect(shared.map(\.answer) == ["2", "3", "dog"] && shared.map(\.share) == [0.7, 0.2, 0.1])
    let same = Question(text: "?", answers: times(("a red bus", 4))).sharedAnswers
    #expect(same.map(\.answer) == ["a red bus"] && same.map(\.share) == [1])
    #expect(Question(text: "?", answers: ["the snow"]).sharedAnswers.map(\.answer) == ["snow"])
    #expect(Question(text: "?").sharedAnswers.isEmpty)
  }

  @Test func whatMostSayIsUsual() {
    #expect(Question(text: "?", answers: ["a dog", "cat", "Dog", "bird"]).usualAnswer == "dog")
    // Of equally frequent ones the first that was given.
    #expect(Question(text: "?", answers: ["cat", "dog", "dog", "cat"]).usualAnswer == "cat")
    #expect(Question(text: "?").usualAnswer == nil)
  }

  @Test(arguments: [
    #"{"0":"a","2":"b"}"#, #"{"0":"a","00":"b"}"#, #"{"0":"a","1":"a"}"#, #"{"0":"a","x":"b"}"#, #"["a"]"#,
    #"{"-1":"a"}"#,
  ])
  func listsThatAreNone(_ json: String) {
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(ClassList.self, from: Data(json.utf8)) }
  }

  @Test func listsAreReadAgain() throws {
    let list = ClassList((0..<12).map { "class \($0)" })
    let json = try JSONEncoder().encode(list)
    #expect(try JSONDecoder().decode(ClassList.self, from: json) == list)
    #expect(String(decoding: json, as: UTF8.self).contains(#""10":"class 10""#))
  }
}
