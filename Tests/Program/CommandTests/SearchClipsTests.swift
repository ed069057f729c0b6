import Files
import Foundation
import TestSupport
import Testing

/// `search` of clips, by texts and by clips.
@Suite struct SearchClipsTests {
  private let toy: ToyRecordings
  private let index: String

  init() throws {
    toy = try ToyRecordings()
    index = toy.place("index.safetensors")
    let model = try toy.train("model", ToyRecordings.hearingAndReading)
    try toy.done(["search", "index", "--model", model, "--photos", toy.clips, "--output", index])
  }

  private func query(_ arguments: String...) throws -> Program.Result {
    try Program.run(Program.path, ["search", "query", "--index", index] + arguments)
  }

  @Test func aClipFindsItself() throws {
    let page = toy.place("page.html")
    let asked = [toy.clips + "/high/s103.wav", toy.source + "/s110.wav"]
    let found = try query("--text", "a low tone", "--audio", asked[0], asked[1], "--top", "3", "--json", "--html", page)
    #expect(found.exitCode == 0 && found.errors.isEmpty, "\(found.errors)")
    let document = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
    let results = try #require(document?["results"] as? [[String: Any]])
    #expect(results.map { $0["text"] as? String } == ["a low tone", nil, nil])
    #expect(results.dropFirst().map { $0["audio"] as? String } == asked)
    let hits = results.map { $0["hits"] as? [[String: Any]] ?? [] }
    #expect(hits.map(\.count) == [3, 3, 3])
    #expect(hits.dropFirst().map { $0[0]["name"] as? String } == ["high/s103.wav", "low/s110.wav"])
    for hit in hits.dropFirst() { #expect(abs((hit[0]["similarity"] as? Double ?? 0) - 1) < 1e-5) }
    let html = String(decoding: try readFile(page), as: UTF8.self)
    #expect(html.contains("<h1>Audio clips like \(asked[0])</h1>") && !html.contains("data:image"))
  }

  @Test func whatCannotBeAskedIsSaid() throws {
    let photo = try query("--image", toy.source + "/s100.jpg")
    #expect(photo.exitCode == 78 && photo.errors.contains("hears clips, and no photos"), "\(photo.errors)")
    let missing = try query("--audio", toy.place("none.wav"))
    #expect(missing.exitCode == 66 && missing.errors.contains("none.wav"), "\(missing.errors)")
    let wrong = try query("--audio", toy.source + "/s100.jpg")
    #expect(wrong.exitCode == 65 && wrong.errors.contains("a picture"), "\(wrong.errors)")
    let nothing = try query()
    #expect(nothing.exitCode == 64 && nothing.errors.contains("--audio"), "\(nothing.errors)")
  }

  /// A model of photos and texts has no place for clips.
  @Test func aModelOfPhotosHearsNothing() throws {
    let model = try TinyCLIP(in: toy.place("clip")).path
    try toy.done(["search", "index", "--model", model, "--photos", toy.source, "--output", index])
    let refused = try query("--audio", toy.source + "/s100.wav")
    #expect(refused.exitCode == 78 && refused.errors.contains("hears no clips"), "\(refused.errors)")
  }
}
