import Files
import Foundation
import TestSupport
import Testing

/// `explain` as a person or a script meets it.
@Suite struct ExplainCommandTests {
  private let place: TemporaryDirectory
  private let photo: String

  init() throws {
    place = try TemporaryDirectory()
    try writePhotos(["a.jpg"], in: place("photos"))
    photo = place("photos/a.jpg")
    _ = try TinyCLIP(in: place("clip"))
    try writeTinyViLT(in: place("vilt"))
  }

  private func explain(_ name: String, _ more: [String] = []) throws -> Program.Result {
    try Program.run(
      Program.path,
      ["explain", "--model", place(name), "--image", photo, "--text", "two dogs on a beach", "--draws", "2"] + more)
  }

  @Test(arguments: ["clip", "vilt"], ["relevance", "rollout"])
  func aPageAndFiguresAreMade(_ model: String, _ method: String) throws {
    let result = try explain(model, ["--method", method, "--output", place("page.html")])
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    #expect(result.output.hasPrefix(model == "clip" ? "cosine " : "match "))
    for words in ["  dogs\n", "the strongest of ", "\ndeletion ", "\nplaces "] {
      #expect(result.output.contains(words), "\(result.output)")
    }
    let page = String(decoding: try readFile(place("page.html")), as: UTF8.self)
    #expect(page.contains("<h1>“two dogs on a beach”</h1>") && page.contains("Word by word"))
    #expect(page.contains(method == "relevance" ? "Chefer et al." : "Abnar"))
  }

  @Test func oneDocumentIsPrinted() throws {
    let result = try explain("vilt", ["--json", "--threads", "1"])
    let found = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
    #expect((found["words"] as? [Any])?.count == 5 && (found["places"] as? [Any])?.count == 4)
    #expect(found["image"] as? String == photo && (found["score"] as? [String: Any])?["name"] as? String == "match")
    // The same again, and on two threads.
    #expect(try explain("vilt", ["--json", "--threads", "1"]).output == result.output)
    #expect(try explain("vilt", ["--json", "--threads", "2"]).output == result.output)
  }

  @Test func whatGoesWrongHasItsCode() throws {
    func run(_ arguments: [String]) throws -> (Int32, String) {
      let result = try Program.run(Program.path, ["explain"] + arguments)
      #expect(result.output.isEmpty)
      return (result.exitCode, result.errors)
    }
    let model = ["--model", place("vilt")]
    let missing = try run(model + ["--image", place("none.jpg"), "--text", "a dog"])
    #expect(missing.0 == 66 && missing.1.contains("none.jpg"), "\(missing)")
    let folder = try run(model + ["--image", place("photos"), "--text", "a dog"])
    #expect(folder.0 == 64 && folder.1.contains("is a folder"), "\(folder)")
    let empty = try run(model + ["--image", photo, "--text", " "])
    #expect(empty.0 == 65 && empty.1.contains("has no word"), "\(empty)")
    let method = try run(model + ["--image", photo, "--text", "a", "--method", "guess"])
    #expect(method.0 == 64 && method.1.contains("relevance, rollout"), "\(method)")
    let output = try run(model + ["--image", photo, "--text", "a dog", "--output", photo + "/page.html"])
    #expect(output.0 == 73 && output.1.contains("Not a directory"), "\(output)")
  }
}
