import Files
import Foundation
import TestSupport
import Testing

/// `predict` of photos and clips of the same samples.
@Suite struct PredictPairsTests {
  private let toy: ToyRecordings
  private let model: String

  init() throws {
    toy = try ToyRecordings()
    model = try toy.train("model", ToyRecordings.all + ToyRecordings.classes)
  }

  private func predict(_ arguments: String..., by other: String? = nil) throws -> Program.Result {
    try Program.run(Program.path, ["predict", "--model", other ?? model, "--threads", "1"] + arguments)
  }

  private func lines(_ result: Program.Result) throws -> [[String: Any]] {
    #expect(result.exitCode == 0, "\(result.errors)")
    return try result.output.split(separator: "\n").map {
      try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
    }
  }

  private func logits(_ told: [String: Any]) throws -> [Double] {
    let classes = try #require(told["classes"] as? [[String: Any]])
    return classes.sorted { ($0["number"] as? Int ?? 0) < ($1["number"] as? Int ?? 0) }.compactMap {
      $0["logit"] as? Double
    }
  }

  /// A folder with both; one sample has no clip, another one no photo. Each is told as it is when its files are named.
  @Test(arguments: Program.hasMPIRun ? [1, 2] : [1]) func folders(ranks: Int) throws {
    try removeTree(toy.source + "/s101.wav")
    try removeTree(toy.source + "/s102.jpg")
    let arguments = [
      "predict", "--model", model, "--image", toy.source, "--audio", toy.source, "--json-lines", "--threads", "1",
    ]
    let mpirun = ["mpirun", "-n", "\(ranks)", "--oversubscribe", "--bind-to", "none", Program.path]
    let result =
      ranks == 1 ? try Program.run(Program.path, arguments) : try Program.run("/usr/bin/env", mpirun + arguments)
    #expect(
      result.errors
        == "warning: 1 photo(s) have no clip of their name, and 1 clip(s) no photo: each is looked at by itself\n")
    let told = try lines(result)
    #expect(told.count == 12)
    let path = { (name: String) in toy.source + "/" + name }
    #expect(told[1]["name"] as? String == path("s101.jpg") && told[1]["audio"] is NSNull)
    #expect(told[11]["name"] as? String == path("s102.wav") && told[11]["image"] is NSNull)
    #expect(told[0]["image"] as? String == path("s100.jpg") && told[0]["audio"] as? String == path("s100.wav"))
    let others = [
      try predict("--image", path("s100.jpg"), "--audio", path("s100.wav"), "--json-lines"),
      try predict("--image", path("s101.jpg"), "--json-lines"),
      try predict("--audio", path("s102.wav"), "--json-lines"),
    ]
    for (place, other) in zip([0, 1, 11], others) {
      #expect(other.errors.isEmpty, "\(other.errors)")
      let (one, all) = (try logits(lines(other)[0]), try logits(told[place]))
      #expect(one.count == 2 && zip(one, all).allSatisfy { abs($0 - $1) < 1e-5 }, "\(place): \(one) \(all)")
    }
    #expect(
      try logits(told[0]) != logits(lines(predict("--image", path("s100.jpg"), "--json-lines"))[0]), "the clip counts")
  }

  @Test func everyTextIsAskedOfEverySample() throws {
    let page = toy.place("page.html")
    let files = ["s100", "s101"].map { toy.source + "/" + $0 }
    let result = try predict(
      "--image", files[0] + ".jpg", files[1] + ".jpg", "--audio", files[0] + ".wav", files[1] + ".wav", "--text",
      "a low tone", "a high tone", "--json", "--page", page)
    let document = try #require(
      try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.errors)")
    let images = try #require(document["images"] as? [[String: Any]])
    #expect(images.map { $0["audio"] as? String } == files.map { $0 + ".wav" })
    for image in images {
      let texts = (image["predictions"] as? [[String: Any]])?.map { $0["text"] as? String }
      #expect(texts == ["a low tone", "a high tone"])
    }
    let table = try predict("--image", files[0] + ".jpg", "--audio", files[0] + ".wav", "--top", "1")
    #expect(table.output.hasPrefix("\(files[0]).jpg, \(files[0]).wav\n"), "\(table.output)")
    let html = String(decoding: try readFile(page), as: UTF8.self)
    #expect(html.contains("\(files[0]).jpg, \(files[0]).wav") && html.contains("data:image/jpeg"))
  }

  /// A clip that cannot be read is named; left out, its sample is.
  @Test func brokenClips() throws {
    try writeAtomically("a note".utf8, to: toy.source + "/s103.wav")
    let stopped = try predict("--image", toy.source, "--audio", toy.source, "--json-lines")
    #expect(stopped.exitCode == 65 && stopped.errors.contains("s103.wav: not a WAV"), "\(stopped.errors)")
    let left = try predict("--image", toy.source, "--audio", toy.source, "--json-lines", "--skip-bad")
    let told = try lines(left)
    #expect(told.count == 12 && (told[3]["skipped"] as? String)?.contains("s103.wav: not a WAV") == true, "\(told[3])")
    #expect(left.errors.contains("warning: left out: \(toy.source)/s103.jpg: \(toy.source)/s103.wav: not a WAV"))
  }

  @Test func longClipsAndAnimationsAreCountedApart() throws {
    try writeAtomically(WaveFile.tone(9, samples: 16_000), to: toy.source + "/s100.wav")
    let result = try predict("--image", toy.source + "/s100.jpg", "--audio", toy.source + "/s100.wav")
    #expect(result.exitCode == 0 && result.errors.contains("1 audio clip(s) longer than the"), "\(result.errors)")
    #expect(!result.errors.contains("animated"))
  }

  @Test func mistakesAreSaid() throws {
    func expect(_ result: Program.Result, _ code: Int32, _ words: String) {
      #expect(result.exitCode == code && result.errors.contains(words) && result.output.isEmpty, "\(result.errors)")
    }
    let (photo, clip) = (toy.source + "/s100.jpg", toy.source + "/s100.wav")
    expect(try predict("--image", photo, "--audio", clip, clip), 64, "1 photo(s) and 2 clip(s)")
    expect(try predict("--image", toy.source, "--audio", clip), 64, "as files and others as folders")
    expect(try predict("--image", photo, "--audio", toy.place("none.wav")), 66, "none.wav")
    try writePhotos(["s100.jpeg"], in: toy.source)
    expect(
      try predict("--image", toy.source, "--audio", toy.source), 65, "nobody knows which audio clip belongs to which")
    let clips = try toy.train(
      "clips", ToyRecordings.hearingAndReading + ["task.name=classification", "task.inputs=[audio]"])
    expect(try predict("--image", photo, "--audio", clip, by: clips), 78, "hears clips, and no photos")
    let photos = try TinyCLIP(in: toy.place("clip")).path
    expect(try predict("--image", photo, "--audio", clip, by: photos), 78, "photos and clips together")
  }
}
