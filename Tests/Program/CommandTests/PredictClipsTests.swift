import Foundation
import TestSupport
import Testing

/// `predict` of clips by a model that others have published to tell them, beside what transformers says.
@Suite struct PredictClipsTests {
  private let folder = goldenDirectory + "/ast-classes"

  private func predict(_ model: String? = nil, _ arguments: String...) throws -> Program.Result {
    try Program.run(Program.path, ["predict", "--model", model ?? folder, "--threads", "1"] + arguments)
  }

  /// One of `Tests/Golden/clippredictions.py`.
  private struct Golden: Decodable {
    var name: String
    var logits: [Double]
    var softmax: [Double]
    var sigmoid: [Double]
  }

  private func goldens() throws -> [Golden] {
    try JSONDecoder().decode([Golden].self, from: Data(contentsOf: URL(fileURLWithPath: folder + "/predictions.json")))
  }

  /// Of each file the classes in the order of their numbers.
  private func classes(_ result: Program.Result) throws -> [String: [[String: Any]]] {
    let document = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
    let images = try #require(document?["images"] as? [[String: Any]], "\(result.errors)")
    var found: [String: [[String: Any]]] = [:]
    for image in images {
      let name = URL(fileURLWithPath: try #require(image["name"] as? String)).deletingPathExtension().lastPathComponent
      let told = try #require((image["predictions"] as? [[String: Any]])?.first?["classes"] as? [[String: Any]])
      found[name] = told.sorted { ($0["number"] as? Int ?? 0) < ($1["number"] as? Int ?? 0) }
    }
    return found
  }

  /// A folder of clips: one that the extractor pads with silence, one that it takes as it is, one that it cuts.
  @Test(arguments: Program.hasMPIRun ? [1, 2] : [1]) func clipsHaveTransformersProbabilities(ranks: Int) throws {
    let arguments = ["predict", "--model", folder, "--audio", folder, "--json", "--threads", "1"]
    let result =
      ranks == 1
      ? try Program.run(Program.path, arguments) : try Program.run("/usr/bin/env", mpirun(ranks, arguments))
    #expect(result.exitCode == 0)
    #expect(
      result.errors.contains(
        "1 audio clip(s) longer than the 0.435 s that the model hears: only the beginning of each"),
      "\(result.errors)")
    let found = try classes(result)
    let goldens = try goldens()
    #expect(found.count == goldens.count)
    for golden in goldens {
      let told = try #require(found[golden.name])
      #expect(told.map { $0["class"] as? String } == ["a dog", "rain", "a clock"])
      let logits = told.compactMap { $0["logit"] as? Double }
      #expect(zip(logits, golden.logits).allSatisfy { abs($0 - $1) < 1e-4 }, "\(golden.name): \(logits)")
      let shares = told.compactMap { $0["probability"] as? Double }
      #expect(zip(shares, golden.softmax).allSatisfy { abs($0 - $1) < 1e-4 }, "\(golden.name): \(shares)")
    }
  }

  private func mpirun(_ ranks: Int, _ arguments: [String]) -> [String] {
    ["mpirun", "-n", "\(ranks)", "--oversubscribe", "--bind-to", "none", Program.path] + arguments
  }

  /// Where several classes may be right each has a probability by itself.
  @Test func severalClassesStandByThemselves() throws {
    let place = try TemporaryDirectory()
    for name in ["model.safetensors", "preprocessor_config.json"] {
      try FileManager.default.copyItem(atPath: folder + "/" + name, toPath: place(name))
    }
    let stated = try String(contentsOfFile: folder + "/config.json", encoding: .utf8)
    let several = stated.replacing(
      "\"qkv_bias\"", with: "\"problem_type\": \"multi_label_classification\",\n\"qkv_bias\"")
    try several.write(toFile: place("config.json"), atomically: true, encoding: .utf8)
    let found = try classes(predict(place.path, "--audio", folder + "/short.wav", "--json"))
    let golden = try #require(try goldens().first)
    let shares = try #require(found["short"]).compactMap { $0["probability"] as? Double }
    #expect(zip(shares, golden.sigmoid).allSatisfy { abs($0 - $1) < 1e-4 }, "\(shares)")
  }

  @Test func theLikeliestComesFirst() throws {
    let result = try predict(nil, "--audio", folder + "/short.wav", "--top", "2")
    #expect(result.exitCode == 0 && result.errors.isEmpty, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.count == 3 && lines[0].hasSuffix("short.wav"))
    #expect(lines[1].contains("47.49 %  a clock") && lines[2].contains("40.60 %  rain"), "\(lines)")
  }

  @Test func whatItDoesNotHearIsRefused() throws {
    let missing = try predict(nil, "--audio", folder + "/none.wav")
    #expect(missing.exitCode == 66 && missing.errors.contains("none.wav"), "\(missing.errors)")
    let text = try predict(nil, "--audio", folder + "/short.wav", "--text", "a dog")
    #expect(text.exitCode == 64 && text.errors.contains("reads no texts; leave --question and --text out"))
    let photo = try predict(nil, "--image", goldenDirectory + "/predictions/wide.jpg")
    #expect(photo.exitCode == 78 && photo.errors.contains("hears clips, and no photos"), "\(photo.errors)")
    let broken = try predict(nil, "--audio", folder + "/config.json")
    #expect(broken.exitCode == 65 && broken.errors.contains("config.json"), "\(broken.errors)")
  }

  /// A tower of clips without a head, and without a task of ours, says nothing of them.
  @Test func clipsWithoutAHeadAreRefused() throws {
    let told = try predict(goldenDirectory + "/predictions/words", "--audio", folder + "/short.wav")
    #expect(told.exitCode == 78 && told.errors.contains("says what is told of clips"), "\(told.errors)")
  }
}
