import Batching
import Checkpoints
import Files
import Foundation
import Images
import TestSupport

/// Sound inputs, made once, from which the malformed ones are made.
struct Fixtures: Sendable {
  private let directory: TemporaryDirectory

  /// A tiny CLIP as transformers writes one.
  var model: String { directory("model") }
  /// The same with weights in two files under an index.
  var shards: String { directory("shards") }
  /// Three photos: a.jpg, b.jpg, c.jpg.
  var photos: String { directory("photos") }
  /// A prepared set of the splits train, of six samples, and validation, of two.
  var prepared: String { directory("prepared") }
  /// A run with checkpoints of steps 1 and 2; its members are small files that no model is in.
  var run: String { directory("run") }
  /// The features of the photos under the model.
  var features: String { directory("features.safetensors") }

  /// Fails where the fixtures cannot be made.
  static func shared() throws -> Fixtures { try made.get() }

  private static let made = Result { try Fixtures() }

  /// A run of two steps with its checkpoint, as `train` left it.
  static func trained() throws -> String { try run.get()("in/run") }

  private static let run = Result {
    let directory = try TemporaryDirectory()
    try makeDirectory(directory("work"))
    try makeDirectory(directory("in"))
    try FileManager.default.copyItem(atPath: shared().prepared, toPath: directory("in/prepared"))
    let settings = ResumeCommand.settings(steps: 2).map { "--set \($0)" }.joined(separator: " ")
    let command = "cd \(directory("work")) && exec \(builtProgram) train --output ../in/run --threads 1 \(settings)"
    let result = try TestSupport.run("/bin/sh", ["-c", command])
    guard result.status == 0 else { throw FixtureError(description: result.errors) }
    return directory
  }

  private init() throws {
    directory = try TemporaryDirectory()
    let model = try TinyCLIP(in: directory("model")).path
    try writePhotos(["a.jpg", "b.jpg", "c.jpg"], in: directory("photos"))
    try Self.split(model, into: directory("shards"))
    try Self.prepare(directory("prepared"))
    try Self.save(in: directory("run"))
    let result = try TestSupport.run(
      builtProgram,
      ["embed", "--model", model, "--images", directory("photos"), "--output", directory("features.safetensors")])
    guard result.status == 0 else { throw FixtureError(description: result.errors) }
  }

  private static func split(_ model: String, into folder: String) throws {
    try FileManager.default.copyItem(atPath: model, toPath: folder)
    try removeTree(folder + "/model.safetensors")
    let file = try SafetensorsFile(path: model + "/model.safetensors")
    var places: [String: String] = [:]
    let middle = file.entries.count / 2
    for (number, entries) in [file.entries[..<middle], file.entries[middle...]].enumerated() {
      let name = "model-0000\(number + 1)-of-00002.safetensors"
      try writeSafetensors(try entries.map { try file.tensor($0.name) }, to: folder + "/" + name)
      for entry in entries { places[entry.name] = name }
    }
    let index: [String: Any] = ["metadata": ["total_size": 1], "weight_map": places]
    let json = try JSONSerialization.data(withJSONObject: index, options: [.sortedKeys, .withoutEscapingSlashes])
    try json.write(to: URL(filePath: folder + "/model.safetensors.index.json"))
  }

  private static func prepare(_ folder: String) throws {
    let writer = try PreparedDataSetWriter(
      directory: folder, description: DataSetDescription(name: "fixture"), shardBytes: 1 << 20)
    for (split, numbers) in [("train", 0..<6), ("validation", 6..<8)] {
      for number in numbers {
        let photo = try testPhoto(number)
        let header = try photo.withUnsafeBytes { try readPictureHeader($0) }
        let name = "photo-\(number)"
        let record = SampleRecord(
          key: name, fileName: name + ".jpg", split: split, captions: ["a dog \(number)", "a cat \(number)"])
        try writer.add(image: photo, width: header.width, height: header.height, record: record)
      }
    }
    try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
    try writer.finish()
  }

  private static func save(in folder: String) throws {
    let store = CheckpointStore(runDirectory: folder)
    for step in [1, 2] {
      let tensor = NamedTensor(name: "a", elementType: .float32, shape: [2], copying: [Float(step), 0])
      let contents = CheckpointContents(
        configuration: Array("{}".utf8), tokenizer: Array("{}".utf8), preprocessor: Array("{}".utf8),
        modelCard: Array("#".utf8), weights: [tensor], state: [tensor], trainingState: Array("{\"step\":\(step)}".utf8))
      _ = try store.save(step: step, contents)
    }
  }
}

struct FixtureError: Error, CustomStringConvertible {
  let description: String
}

extension Inputs {
  /// A copy of the model with one change.
  func model(_ change: (Inputs) throws -> Void) throws {
    try copy(Fixtures.shared().model, to: "model")
    try change(Inputs(path: self("model")))
  }
}
