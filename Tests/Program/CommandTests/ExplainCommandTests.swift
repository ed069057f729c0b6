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

  /// Regions of a file of their own, of a table, and of a prepared set.
  @Test func regionsAreReadAsTheyArePrepared() throws {
    try writeRegionModel(like: "uniter-tiny", sizes: ["img_dim": 5], in: place("uniter"))
    let regions = goldenDirectory + "/regions/uniter"
    let alone = try explain("uniter", ["--regions", regions + "/dog.npz", "--output", place("page.html")])
    #expect(alone.exitCode == 0 && alone.output.contains("the strongest of ") && alone.output.contains("\nregions "))
    #expect(try String(decoding: readFile(place("page.html")), as: UTF8.self).contains("<summary>Regions</summary>"))
    let other = try explain("uniter", ["--regions", regions])
    #expect(other.exitCode == 66 && other.errors.contains("has no regions of a.jpg"), "\(other.errors)")
    try writePhotos(["dog.jpg"], in: place("photos"))
    let named = try Program.run(
      Program.path,
      [
        "explain", "--model", place("uniter"), "--image", place("photos/dog.jpg"), "--text", "two dogs", "--regions",
        regions,
      ])
    #expect(named.exitCode == 0, "\(named.errors)")
    try writeAtomically("a.jpg\ta dog\ndog.jpg\ttwo dogs\n".utf8, to: place("captions.tsv"))
    let set = try Program.run(
      Program.path,
      [
        "prepare", "--images", place("photos"), "--captions", place("captions.tsv"), "--regions", regions, "--output",
        place("set"), "--max-bad-fraction",
        "1",
      ])
    #expect(set.exitCode == 0, "\(set.errors)")
    let prepared = try Program.run(
      Program.path,
      [
        "explain", "--model", place("uniter"), "--image", place("photos/dog.jpg"), "--text", "two dogs", "--regions",
        place("set"),
      ])
    #expect(prepared.exitCode == 0 && prepared.output == named.output, "\(prepared.errors)")
    let missing = try explain("uniter", ["--regions", place("set")])
    #expect(missing.exitCode == 66 && missing.errors.contains("has no regions of a.jpg"), "\(missing.errors)")
    let idle = try explain("clip", ["--regions", regions])
    #expect(idle.exitCode == 78 && idle.errors.contains("reads photos, and regions mean nothing to it"))
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
