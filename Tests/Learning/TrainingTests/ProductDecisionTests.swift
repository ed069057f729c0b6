import Collectives
import Configuration
import Files
import Preparation
import Reporting
import Scenes
import TensorEngine
import TestSupport
import Testing
import Training

/// Which library computes fp32 products belongs to a run: the same on all ranks, and to the end.
@Suite(.serialized) struct ProductDecisionTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    let zip = place("scenes.zip")
    try writeScenes(to: zip, settings: SceneSettings(train: 16, validation: 4, test: 4, imageSize: 48))
    var request = PreparationRequest(source: .archive(path: zip), output: place("scenes"), threads: 1)
    request.tokenizer = .train(vocabularySize: 560)
    try prepare(request)
  }

  /// - Parameter faster: what a rank's machine would find faster.
  /// - Returns: the last weights.
  @discardableResult
  private func train(
    _ name: String, steps: Int, ranks: Int = 1, _ settings: String...,
    faster: @escaping @Sendable (_ rank: Int) -> ProductChoice
  ) throws -> [UInt8] {
    // As wide as it takes for the two libraries to come to other bits.
    let own = [
      "model.name=clip", "model.vision.width=128", "model.vision.layers=1", "model.text.width=128",
      "model.text.layers=1", "model.embedding_width=128", "batch.global=8", "schedule.warmup_steps=0",
      "schedule.decay=constant", "schedule.steps=\(steps)", "evaluation.split=none", "output=\(place(name))",
    ]
    let configuration = try RunConfiguration(file: nil, settings: (own + settings).map { ConfigurationSetting($0) })
    _ = try InProcessCommunicator.run(ranks: ranks) { communicator in
      var options = RunOptions()
      let rank = communicator.rank
      options.fasterProducts = { faster(rank) }
      return try runTraining(
        configuration, dataPath: place("scenes"), resume: .auto, options: options, threads: 1,
        communicator: communicator, output: .silent, logger: makeLogger(rank: nil))
    }
    return try readFile(place(name + "/last/model.safetensors"))
  }

  private func choices(_ name: String) throws -> [String] {
    String(decoding: try readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .filter { $0.hasPrefix("{\"event\":\"start\"") }
      .compactMap { $0.split(separator: "\"products\":\"").last?.split(separator: "\"").first.map(String.init) }
  }

  private static let mixed = ProductChoice(convolutions: .oneDNN) { $0 == .transposedB ? .openBLAS : .oneDNN }

  /// In three pieces on machines that find other libraries faster, a run ends with the bytes of one piece.
  @Test(arguments: [1, 2]) func aRunKeepsItsLibraries(ranks: Int) throws {
    let whole = try train("whole", steps: 4, ranks: ranks) { _ in Self.mixed }
    try train("parts", steps: 1, ranks: ranks) { _ in Self.mixed }
    try train("parts", steps: 3, ranks: ranks) { _ in ProductChoice(.openBLAS) }
    let parts = try train("parts", steps: 4, ranks: ranks) { _ in ProductChoice(.oneDNN) }
    #expect(parts == whole)
    #expect(try choices("parts") == [String](repeating: "\(Self.mixed)", count: 3))
    #expect(try train("other", steps: 4, ranks: ranks) { _ in ProductChoice(.openBLAS) } != whole)
  }

  @Test func whatRankZeroFindsFasterIsTakenByAll() throws {
    let found = try train("found", steps: 2, ranks: 2) { ProductChoice($0 == 0 ? .oneDNN : .openBLAS) }
    let stated = try train("stated", steps: 2, ranks: 2, "products=onednn") { _ in ProductChoice(.openBLAS) }
    #expect(found == stated)
  }

  /// A configuration that names a library is obeyed, by a run that has begun too, and that is said.
  @Test func aStatedLibraryIsTaken() throws {
    try train("run", steps: 1) { _ in ProductChoice(.oneDNN) }
    try train("run", steps: 2, "products=openblas") { _ in ProductChoice(.oneDNN) }
    #expect(try choices("run") == ["onednn", "openblas"])
    let lines = String(decoding: try readFile(place("run/metrics.jsonl")), as: UTF8.self)
    #expect(lines.contains("products: auto → openblas"))
  }
}
