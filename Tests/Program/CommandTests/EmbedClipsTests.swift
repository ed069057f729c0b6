import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// `embed`, `search` and `zeroshot` of a model of three modalities, and of clips.
@Suite struct EmbedClipsTests {
  private let toy: ToyRecordings
  private let model: String

  init() throws {
    toy = try ToyRecordings()
    model = try toy.train("model", ToyRecordings.all)
  }

  private func names(_ file: SafetensorsFile, _ name: String) throws -> [String] {
    try file.withBytes(name) { try JSONDecoder().decode([String].self, from: Data($0)) }
  }

  @Test func filesOfAllThree() throws {
    try writeAtomically("a low tone\na high tone\n".utf8, to: toy.place("texts"))
    let made = try toy.done([
      "embed", "--model", model, "--images", toy.source, "--audio", toy.clips, "--texts", toy.place("texts"),
      "--output", toy.place("f"),
    ])
    #expect(made.output.isEmpty)
    let file = try SafetensorsFile(path: toy.place("f"))
    #expect(
      ["image_features", "audio_features", "text_features"].map { file.entry(named: $0)?.shape } == [
        [12, 16], [12, 16], [2, 16],
      ])
    #expect(try names(file, "image_names").first == toy.source + "/s100.jpg")
    #expect(try names(file, "audio_names").first == toy.clips + "/high/s101.wav")
  }

  /// Of a set whose samples lack something: each modality of those that have it, and where captions are beside them.
  @Test func samplesMayLackAny() throws {
    try toy.done([
      "prepare", toy.place("set"), "--drop", "image=0.4,audio=0.4", "--drop-splits", "train,test", "--output",
      toy.place("ragged"),
    ])
    let made = try toy.done(["embed", "--model", model, "--data", toy.place("ragged"), "--output", toy.place("f")])
    #expect(made.output.isEmpty && !made.errors.contains("left out"), "\(made.errors)")
    let file = try SafetensorsFile(path: toy.place("f"))
    let texts = try names(file, "texts")
    #expect(texts.count == 12)
    var lacking = 0
    for (rows, table) in [("image_of_text", "image_names"), ("audio_of_text", "audio_names")] {
      let (places, keys) = (try file.integers(rows), try names(file, table))
      #expect(places.count == 12 && (1..<12).contains(keys.count))
      for (text, place) in zip(texts, places) {
        lacking += place < 0 ? 1 : 0
        // The words end with the sample's number, and so does its name.
        let number = Int(text.split(separator: " ").last ?? "") ?? -1
        if place >= 0 { #expect(keys[Int(place)].contains("s\(100 + number)"), "\(text): \(keys[Int(place)])") }
      }
      #expect(places.count { $0 >= 0 } == keys.count)
    }
    #expect(lacking > 0)
  }

  @Test func photosAndClipsAreFoundByAnyOfThree() throws {
    let (photos, clips) = (toy.place("photos.safetensors"), toy.place("clips.safetensors"))
    try toy.done(["search", "index", "--model", model, "--photos", toy.source, "--output", photos])
    try toy.done(["search", "index", "--model", model, "--photos", toy.source, "--audio", "--output", clips])
    for (index, end) in [(photos, "jpg"), (clips, "wav")] {
      let page = toy.place("page.html")
      let found = try toy.done([
        "search", "query", "--index", index, "--text", "a low tone", "--image", toy.source + "/s104.jpg", "--audio",
        toy.source + "/s104.wav", "--top", "12", "--json", "--html", page,
      ])
      let document = try JSONSerialization.jsonObject(with: Data(found.output.utf8)) as? [String: Any]
      let results = try #require(document?["results"] as? [[String: Any]])
      let hits = results.map { ($0["hits"] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String } }
      #expect(hits.map(\.count) == [12, 12, 12] && hits.allSatisfy { $0.allSatisfy { $0.hasSuffix(end) } })
      #expect(hits[end == "jpg" ? 1 : 2][0] == "s104." + end)
      let html = String(decoding: try readFile(page), as: UTF8.self)
      let kind = end == "jpg" ? "Photos" : "Audio clips"
      #expect(html.contains("<h1>\(kind) like \(toy.source)/s104.wav</h1>"))
      let pictures = html.components(separatedBy: "data:image/jpeg;base64,").count - 1
      #expect(pictures == (end == "jpg" ? 37 : 1), "the photo asked with, and those found")
    }
  }

  @Test func classesOfPhotosAndOfClips() throws {
    for (more, words) in [([], "12 photos, 2 classes"), (["--audio"], "12 audio clips, 2 classes")] {
      let told = try toy.done(["zeroshot", "--model", model, "--data", toy.place("set")] + more)
      #expect(told.output.contains(words), "\(told.output)")
    }
    let folder = try toy.done(["zeroshot", "--model", model, "--data", toy.clips, "--json"])
    #expect(folder.output.contains("This is a sound of {}."))
  }

  /// What hears clips in the place of photos has them in the same table; what sees photos alone says so.
  @Test func modelsOfTwo() throws {
    let hearing = try toy.train("hearing", ToyRecordings.hearingAndReading)
    for more in [["--audio", toy.clips], ["--data", toy.place("set")]] {
      try toy.done(["embed", "--model", hearing, "--output", toy.place("f")] + more)
      let file = try SafetensorsFile(path: toy.place("f"))
      #expect(file.entry(named: "audio_features")?.shape == [12, 16] && file.entry(named: "image_features") == nil)
    }
    let seeing = try TinyCLIP(in: toy.place("clip")).path
    let refused = try Program.run("embed", "--model", seeing, "--audio", toy.clips, "--output", toy.place("g"))
    #expect(refused.exitCode == 78 && refused.errors.contains("hears no clips"), "\(refused.errors)")
    #expect(!fileExists(toy.place("g")))
  }
}
