import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

/// A dual encoder as a person or a script meets it: begun from two directories, gone on with, and asked.
@Suite struct DualEncoderCommandTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try writePhotos((0..<6).map { "class\($0 % 2)/\($0).jpg" }, in: place("photos"))
  }

  // MARK: Going on

  /// A run has all that it needs in its own directory: what it began from may be gone.
  @Test func aRunGoesOnWithoutTheTowersItBeganFrom() throws {
    let towers = try TinyTowers(in: place.path)
    try prepare()
    func train(_ name: String, steps: Int) throws {
      let settings = [
        "model.name=dual-encoder", "model.embedding_width=8", "initialize.vision=\(towers.vision)",
        "initialize.text=\(towers.text)", "data.path=\(place("prepared"))", "batch.global=4",
        "schedule.steps=\(steps)", "schedule.warmup_steps=0", "schedule.decay=constant", "products=openblas",
      ]
      let result = try Program.run(
        Program.path, ["train", "--output", place(name), "--threads", "1"] + settings.flatMap { ["--set", $0] })
      #expect(result.exitCode == 0, "\(result.errors)")
    }
    try train("whole", steps: 4)
    try train("parts", steps: 2)
    try removeTree(towers.vision)
    try removeTree(towers.text)
    try train("parts", steps: 4)
    for name in ["config.json", "tokenizer.json", "preprocessor_config.json", "model.safetensors"] {
      #expect(try readFile(place("parts/last/" + name)) == readFile(place("whole/last/" + name)), "\(name)")
    }
    let document = try zeroshot(place("parts/last"))
    #expect(document["photos"] as? Int == 6)
  }

  private func prepare() throws {
    let images = (0..<6).map { number in
      let split = number < 4 ? "train" : "val"
      return #"{"filename": "\#(number).jpg", "split": "\#(split)", "sentences": [{"raw": "the dog \#(number)"}]}"#
    }
    try writeAtomically(
      #"{"images": [\#(images.joined(separator: ", "))], "dataset": "toy"}"#.utf8, to: place("captions.json"))
    try writePhotos((0..<6).map { "\($0).jpg" }, in: place("pictures"))
    let result = try Program.run(
      "prepare", "--images", place("pictures"), "--captions", place("captions.json"), "--output", place("prepared"))
    #expect(result.exitCode == 0, "\(result.errors)")
  }

  // MARK: Questions

  private let golden = goldenDirectory + "/dual-encoder-tiny/vit"

  /// From strings to what transformers makes of these tokens.
  @Test func textsAreEmbeddedAsTransformersDoes() throws {
    // The golden's texts but for its first, whose tokens no string has.
    try writeAtomically("l the us j y q cat in of\nn\ndog y l in o\n".utf8, to: place("texts"))
    let result = try Program.run(
      "embed", "--model", golden, "--texts", place("texts"), "--output", place("features"))
    #expect(result.exitCode == 0, "\(result.errors)")
    let found = try GoldenFile(absolute: place("features")).floats("text_features")
    let expected = try GoldenFile("dual-encoder-tiny/vit/golden.safetensors").floats("text_embeds")
    #expect(difference(found, Array(expected.dropFirst(8)), relative: 1e-5, scale: .largest) == nil)
  }

  /// A photo's class is the text that matches it best.
  @Test func classesAreThoseOfTheBestMatch() throws {
    let document = try zeroshot(golden, "--template", "the {}")
    let matches = try json(
      "match", "--model", golden, "--image", place("photos"), "--text", "the class0", "the class1", "--over", "texts",
      "--json")
    let images = try #require(matches["images"] as? [[String: Any]])
    var confusion = [[0, 0], [0, 0]]
    for image in images {
      let scores = try #require(image["probabilities"] as? [Double])
      let name = try #require(image["name"] as? String)
      confusion[name.contains("class1/") ? 1 : 0][scores[1] > scores[0] ? 1 : 0] += 1
    }
    #expect(images.count == 6 && document["confusion"] as? [[Int]] == confusion)
  }

  private func zeroshot(_ model: String, _ more: String...) throws -> [String: Any] {
    try json(["zeroshot", "--model", model, "--data", place("photos"), "--json"] + more)
  }

  private func json(_ arguments: String...) throws -> [String: Any] { try json(arguments) }

  private func json(_ arguments: [String]) throws -> [String: Any] {
    let result = try Program.run(Program.path, arguments)
    #expect(result.exitCode == 0, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }
}
