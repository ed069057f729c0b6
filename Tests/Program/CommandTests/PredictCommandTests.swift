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

  private func refusal(_ arguments: String...) throws -> (code: Int32, errors: String) {
    let result = try Program.run(
      Program.path, ["predict", "--threads", "1", "--image", folder + "/wide.jpg"] + arguments)
    #expect(result.output.isEmpty && !result.errors.contains("nan"))
    return (result.exitCode, result.errors)
  }

  @Test func badInputIsToldClearly() throws {
    let answers = ["--model", folder + "/answers"]
    let top = try refusal(answers[0], answers[1], "--question", "how many?", "--top", "0")
    #expect(top.code == 64 && top.errors.contains("--top must be from 1 to 1000"))
    let forms = try refusal(answers[0], answers[1], "--question", "how many?", "--json", "--json-lines")
    #expect(forms.code == 64 && forms.errors.contains("give --json or --json-lines, not both"))
    let mute = try refusal(answers[0], answers[1], "--question", " ")
    #expect(mute.code == 65 && mute.errors.contains("has no word that the model's tokenizer knows"))
    let none = try refusal(answers[0], answers[1])
    #expect(none.code == 64 && none.errors.contains("reads questions; give some with --question"))
    let twice = try refusal("--model", answers[1], answers[1], "--question", "how many?")
    #expect(twice.code == 78 && twice.errors.contains("have the same weights"))
    let other = try refusal("--model", answers[1], goldenDirectory + "/answers/uniter", "--question", "how many?")
    #expect(other.code == 78 && other.errors.contains("they choose among other answers"))
    let untaught = try refusal("--model", answers[1], folder + "/words", "--question", "how many?")
    #expect(untaught.code == 78 && untaught.errors.contains("has no task whose predictions have a mean"))
    let page = try refusal(answers[0], answers[1], "--question", "how many?", "--page", folder)
    #expect(page.code == 73 && page.errors.contains("is a directory; name a file in it"))
    let place = try TemporaryDirectory()
    let empty = try refusal(answers[0], answers[1], "--question", "how many?", "--image", place.path)
    #expect(empty.code == 66 && empty.errors.contains(place.path), "\(empty)")
  }

  /// Options on how texts are written, of a model that writes none, and such as make no sense.
  @Test func writingIsRefusedWhereItMeansNothing() throws {
    let answers = ["--model", folder + "/answers", "--question", "how many?"]
    let mute = try refusal(answers[0], answers[1], answers[2], answers[3], "--beams", "2")
    #expect(mute.code == 64 && mute.errors.contains("was trained for answering and writes no texts"), "\(mute)")
    let heads = try refusal("--model", folder + "/words", "--text", "a [MASK]", "--prompt", "a photo")
    #expect(heads.code == 64 && heads.errors.contains("has no task that writes texts"), "\(heads)")
    for (words, options) in [
      ("0 beams; 1 to 64", ["--beams", "0"]), ("ask for one of the two", ["--beams", "3", "--nucleus", "0.9"]),
      ("at least 9 tokens and at most 8", ["--minimum-length", "9", "--maximum-length", "8"]),
      ("name the nucleus", ["--seed", "4"]),
    ] {
      let result = try Program.run(
        Program.path, ["predict", "--image", folder + "/wide.jpg", "--model", folder + "/answers"] + options)
      #expect(result.exitCode == 64 && result.errors.contains(words), "\(result.errors)")
    }
  }

  /// A line for each photo and question, and a page with both.
  @Test func linesAndAPage() throws {
    let place = try TemporaryDirectory()
    let result = try predict(
      "answers", "--image", folder + "/wide.jpg", folder + "/expected.json", folder + "/tall.jpg", "--skip-bad",
      "--question", "How many dogs are there?", "what color is the bus?", "--top", "1", "--json-lines", "--page",
      place("page.html"))
    #expect(result.exitCode == 0 && result.errors.contains("left out: \(folder)/expected.json"))
    let lines = try result.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
    #expect(
      lines.map { ($0["name"] as? String).map { $0.hasSuffix("tall.jpg") } } == [false, false, false, true, true])
    #expect((lines[2]["skipped"] as? String)?.contains("not a JPEG, PNG or WebP") == true)
    #expect(lines[4]["question"] as? String == "what color is the bus?" && (lines[4]["answers"] as? [Any])?.count == 1)
    let page = try String(contentsOfFile: place("page.html"), encoding: .utf8)
    #expect(page.components(separatedBy: "class=\"card\"").count == 3 && page.contains("what color is the bus?"))
  }
}
