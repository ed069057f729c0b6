import Foundation
import TestSupport
import Testing

/// `predict` as a person or a script meets it.
@Suite struct PredictCommandTests {
  private let folder = goldenDirectory + "/predictions"

  private func predict(_ model: String, _ arguments: String...) throws -> Program.Result {
    try Program.run(Program.path, ["predict", "--model", folder + "/" + model, "--threads", "1"] + arguments)
  }

  @Test func answersAreListedBelowTheirQuestions() throws {
    let result = try predict(
      "answers", "--image", folder + "/wide.jpg", folder + "/tall.jpg", "--question", "How many dogs are there?",
      "what color is the bus?", "--top", "2")
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 14 && lines[0] == folder + "/wide.jpg" && lines[7] == folder + "/tall.jpg")
    #expect(lines[1] == "  How many dogs are there?" && lines[4] == "  what color is the bus?")
    #expect([2, 3, 5, 6].allSatisfy { lines[$0].contains(" %  ") })
  }

  @Test func wordsAreOneDocument() throws {
    let result = try predict(
      "words", "--image", folder + "/square.jpg", "--text", "two [MASK] on the [MASK].", "--top", "40", "--json")
    let found = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
    let image = try #require((found["images"] as? [[String: Any]])?.first)
    let told = try #require((image["predictions"] as? [[String: Any]])?.first)
    #expect(told["text"] as? String == "two [MASK] on the [MASK]." && (found["skipped"] as? [Any])?.isEmpty == true)
    let masks = try #require(told["masks"] as? [[[String: Any]]])
    // More than there are are all that there are.
    #expect(masks.count == 2 && masks.allSatisfy { $0.count == 33 })
    for words in masks {
      #expect(abs(words.compactMap { $0["probability"] as? Double }.reduce(0, +) - 1) < 1e-5)
      #expect(words.contains { $0["word"] as? String == "dogs" && $0["number"] as? Int == 17 })
    }
  }

  @Test func whatIsNotAskedIsUsage() throws {
    #expect(try predict("words", "--image", folder + "/wide.jpg").exitCode == 64)
    #expect(try predict("words", "--text", "[MASK]").exitCode == 64)
    let question = try predict("words", "--image", folder + "/wide.jpg", "--question", "how many?")
    #expect(question.exitCode == 78 && question.errors.contains("no head that answers questions"))
    let text = try predict("words", "--image", folder + "/wide.jpg", "--text", "two dogs")
    #expect(text.exitCode == 65 && text.errors.contains("write [MASK] in its place"))
  }
}
