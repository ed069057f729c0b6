import Files
import Foundation
import Scenes
import TestSupport
import Testing
import Training

/// What a run that is asked to shows in TensorBoard.
@Suite(.serialized) struct TensorBoardRunTests {
  private let runs: SmallRuns

  init() throws {
    let place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 24, validation: 5, test: 4, imageSize: 32), in: place)
    runs = SmallRuns(
      [
        "task.name=captioning", "model.name=blip", "model.vision.image_size=32", "model.vision.patch_size=8",
        "model.vision.width=16", "model.text.width=16", "evaluation.every_epochs=1", "evaluation.shown=2",
        "log.tensorboard=true",
      ], data: "scenes", in: place)
  }

  private func eventFiles(_ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: runs.place(name)).filter { $0.contains("tfevents") }.sorted()
  }

  @Test func eachStartHasAFileWithAllKinds() throws {
    _ = try runs.train("run", steps: 3)
    let file = try #require(try eventFiles("run").first)
    let text = String(decoding: try readFile(runs.place("run/" + file)), as: Unicode.ASCII.self)
    for tag in ["step/loss", "step/learning_rate", "evaluation/perplexity", "texts", "weights/", "photos/"] {
      #expect(text.contains(tag), "\(tag)")
    }
  }

  /// The weights are those of a run that shows nothing.
  @Test func showingChangesNothing() throws {
    _ = try runs.train("shown", steps: 3)
    _ = try runs.train("silent", steps: 3, ["log.tensorboard=false"])
    #expect(try runs.bytes("shown") == runs.bytes("silent"))
    #expect(try eventFiles("silent").isEmpty)
  }

  /// By tensorboard itself, where Python has it.
  @Test(.enabled(if: hasTensorBoard)) func tensorBoardReadsEveryEvent() throws {
    _ = try runs.train("run", steps: 3)
    let result = try python([goldenDirectory + "/events.py", runs.place("run")])
    #expect(result.status == 0, "\(result.errors)")
    let told = try JSONDecoder().decode(Told.self, from: Data(result.output.utf8))
    #expect(told.scalars["step/loss"]?.map { $0[0] } == [1, 2, 3])
    #expect(try told.scalars["step/loss"]?.map { Float($0[1]) } == runs.losses("run"))
    #expect(told.pictures.count == 2 && told.pictures.values.allSatisfy { $0[0][1] == 32 })
    #expect(told.texts["texts"] != nil && !told.histograms.isEmpty)
  }

  private struct Told: Decodable {
    let scalars: [String: [[Double]]]
    let texts: [String: [[TextOrNumber]]]
    let histograms: [String: [Int]]
    let pictures: [String: [[Int]]]
  }

  private enum TextOrNumber: Decodable {
    case text(String)
    case number(Int)

    init(from decoder: any Decoder) throws {
      let value = try decoder.singleValueContainer()
      self =
        if let number = try? value.decode(Int.self) { .number(number) } else { .text(try value.decode(String.self)) }
    }
  }
}

private let hasTensorBoard = (try? python(["-c", "import tensorboard"]).status) == 0

private func python(_ arguments: [String]) throws -> ProcessResult { try run("/usr/bin/env", ["python3"] + arguments) }
