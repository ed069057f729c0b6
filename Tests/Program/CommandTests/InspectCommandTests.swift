import Batching
import Checkpoints
import Files
import Foundation
import TestSupport
import Testing

@Suite struct InspectCommandTests {
  private let directory = FileManager.default.temporaryDirectory.path + "/mmtrain-\(UUID().uuidString)"

  init() throws { try makeDirectory(directory) }

  private let tensors = [
    NamedTensor(name: "a.weight", elementType: .float32, shape: [2, 3], copying: [Float](repeating: 1, count: 6)),
    NamedTensor(name: "b.\u{1B}[31m", elementType: .float32, shape: [], copying: [Float(2)]),
  ]

  @Test func safetensors() throws {
    defer { try? removeTree(directory) }
    let path = directory + "/model.safetensors"
    try writeSafetensors(tensors, metadata: [("format", "pt")], to: path)
    let text = try Program.run("inspect", path)
    #expect(text.exitCode == 0)
    #expect(text.output.hasPrefix("\(path): 2 tensors, 7 numbers, 28 bytes\nmetadata  format = pt\n"))
    #expect(text.output.contains("[2, 3]"))
    #expect(!text.output.contains("\u{1B}"), "names from outside are shown harmless")
    let document = try json(Program.run("inspect", path, "--json").output)
    #expect(document["kind"] as? String == "safetensors")
    #expect(document["elements"] as? Int == 7)
    #expect((document["tensors"] as? [[String: Any]])?.count == 2)
    #expect(try Program.run("inspect", directory).output == text.output, "a directory in Hugging Face's layout")
  }

  /// What a published head tells, and whether somebody knows how far to believe it.
  @Test func theTaskOfAModel() throws {
    defer { try? removeTree(directory) }
    let path = goldenDirectory + "/predictions/answers"
    let text = try Program.run("inspect", path).output
    #expect(text.contains("task       answering, by the model's own head: 7 answers, yes, no, 2, a red bus, café"))
    #expect(text.contains("calibrated no"))
    let document = try json(Program.run("inspect", path, "--json").output)
    let task = try #require(document["task"] as? [String: Any])
    #expect(task["name"] as? String == "answering" && (task["answers"] as? [String])?.count == 7)
    #expect(task["published"] as? Bool == true && task["calibration"] is NSNull)
    #expect(try !Program.run("inspect", goldenDirectory + "/predictions/words").output.contains("task  "))
  }

  @Test func damageIs65() throws {
    defer { try? removeTree(directory) }
    let path = directory + "/model.safetensors"
    try writeAtomically([1, 2, 3], to: path)
    let result = try Program.run("inspect", path)
    #expect(result.exitCode == 65)
    #expect(result.errors.hasPrefix("error: ") && result.errors.contains(path))
    #expect(result.output.isEmpty)
    #expect(try Program.run("inspect", directory + "/missing").exitCode == 66)
  }

  @Test func checkpointsAndRuns() throws {
    defer { try? removeTree(directory) }
    let store = CheckpointStore(runDirectory: directory)
    var contents = CheckpointContents(
      configuration: Array("{}".utf8), tokenizer: Array("{}".utf8), preprocessor: Array("{}".utf8),
      modelCard: Array("# card".utf8), weights: tensors, state: tensors, trainingState: Array("{}".utf8))
    let checkpoint = try store.save(step: 10, contents)
    contents.trainingState =
      Array(
        #"{"format":1,"step":20,"position":{"epoch":0,"batch":20},"seed":0,"ranks":3,"seconds":1,"#.utf8)
      + Array(#""dataFingerprint":"","configuration":""}"#.utf8)
    _ = try store.save(step: 20, contents)
    let text = try Program.run("inspect", checkpoint.path).output
    #expect(text.hasPrefix("\(checkpoint.path): checkpoint of step 10, whole\nweights  2 tensors"))
    let document = try json(Program.run("inspect", directory + "/last", "--json").output)
    #expect(document["kind"] as? String == "checkpoint")
    #expect(document["step"] as? Int == 20)
    #expect(document["ranks"] as? Int == 3)
    let other = try json(Program.run("inspect", checkpoint.path, "--json").output)
    #expect(other["ranks"] is NSNull, "a state that is none of a training run")
    try writeAtomically(Array("{ }".utf8), to: store.path(ofStep: 20) + "/config.json")
    #expect(try Program.run("inspect", directory + "/last").exitCode == 65)
    let run = try json(Program.run("inspect", directory, "--json").output)
    #expect(run["steps"] as? [Int] == [10, 20])
    #expect(run["newest_valid"] as? Int == 10)
    #expect((run["warnings"] as? [String])?.count == 1)
  }

  @Test func modelsSayWhatTheyCost() throws {
    let model = goldenDirectory + "/predictions/answers"
    let found = try json(Program.run("inspect", model, "--json").output)
    #expect(found["parameters"] as? Int == 16_847 && found["image_size"] as? Int == 32)
    // Of 33 tokens in two layers 24 wide, and 16 patches of 192 numbers.
    let layers = 2 * (33 * (4 * 24 * 24 + 2 * 24 * 32) + 2 * 33 * 33 * 24)
    let operations = 2e-9 * Double(layers + 16 * 192 * 24 + 24 * 24)
    #expect(abs((found["gflop_per_pair_forward"] as? Double ?? 0) - operations) < 1e-9 * operations)
    let text = try Program.run("inspect", model).output
    #expect(text.contains("costs      16847 parameters, 0.001 GFLOP for an image and a text of 16 tokens, forward\n"))
  }

  @Test func preparedDataSets() throws {
    defer { try? removeTree(directory) }
    let path = directory + "/set"
    let writer = try PreparedDataSetWriter(directory: path, description: DataSetDescription(name: "two photos"))
    for key in ["a", "b"] {
      let record = SampleRecord(key: key, fileName: key + ".jpg", split: "train", captions: ["x", "y"])
      try writer.add(image: [0xFF, 0xD8, 0xFF, 0xD9], width: 1, height: 1, record: record)
    }
    try writer.finish()
    let text = try Program.run("inspect", path, "--verify")
    #expect(text.exitCode == 0, "\(text.errors)")
    #expect(text.output.contains("prepared data set two photos"))
    #expect(text.output.contains("train  2 images  4 captions"))
    let document = try json(Program.run("inspect", path, "--json").output)
    #expect(document["kind"] as? String == "prepared")
    #expect((document["splits"] as? [[String: Any]])?.first?["samples"] as? Int == 2)
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
