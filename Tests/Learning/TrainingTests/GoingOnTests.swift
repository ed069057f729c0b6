import Checkpoints
import Collectives
import Configuration
import Files
import Reporting
import Scenes
import TestSupport
import Testing
import Training

/// The same command again goes on, whatever it names and wherever its files have been moved meanwhile.
@Suite(.serialized) struct GoingOnTests {
  private let place: TemporaryDirectory

  init() throws {
    place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 16, validation: 4, test: 4, imageSize: 48), in: place)
  }

  private func train(
    _ name: String, steps: Int, _ settings: String..., from resume: String? = nil, data: String = "scenes"
  ) throws {
    let own = [
      "model.name=clip", "model.vision.width=16", "model.vision.layers=1", "model.text.width=16", "model.text.layers=1",
      "model.embedding_width=8", "batch.global=8", "schedule.warmup_steps=0", "schedule.steps=\(steps)",
      "checkpoint.every_steps=1", "checkpoint.keep=10", "data.path=\(place(data))", "output=\(place(name))",
    ]
    _ = try runTraining(
      RunConfiguration(file: nil, settings: (own + settings).map { ConfigurationSetting($0) }),
      dataPath: place(data), resume: resume.map { .directory(place($0)) } ?? .auto, threads: 1,
      communicator: SoloCommunicator(), output: .silent, logger: makeLogger(rank: nil))
  }

  private func starts(_ name: String) throws -> [String] {
    String(decoding: try readFile(place(name + "/metrics.jsonl")), as: UTF8.self).split(separator: "\n")
      .map(String.init).filter { $0.hasPrefix("{\"event\":\"start\"") }
  }

  private func checkpoints(_ name: String) throws -> [String] { try directoryEntries(place(name + "/checkpoints")) }

  @Test func aDirectoryIsBegunFromOnce() throws {
    try train("first", steps: 2)
    try train("second", steps: 3, from: "first")
    // Batch systems repeat the command, and what it began from may be gone by then.
    try removeTree(place("first"))
    try train("second", steps: 5, from: "first")
    try train("second", steps: 6, from: "first/")
    #expect(
      try starts("second").map {
        $0.contains("\"step\":2,") || $0.contains("\"step\":3,") || $0.contains("\"step\":5,")
      }
        == [true, true, true])
    #expect(try checkpoints("second") == (3...6).map { "step-000000\($0)" }, "nothing is set aside")
  }

  @Test func goingBackOnPurposeIsDoneOnceToo() throws {
    try train("run", steps: 4)
    try train("run", steps: 5, from: "run/checkpoints/step-0000002")
    #expect(try checkpoints("run").filter { $0.hasSuffix(".abandoned-1") }.count == 2)
    let before = try readFile(place("run/last/model.safetensors"))
    try train("run", steps: 5, from: "run/checkpoints/step-0000002")
    #expect(try readFile(place("run/last/model.safetensors")) == before)
    #expect(try checkpoints("run").filter { $0.contains("abandoned") }.count == 2)
    // Another one is another wish.
    try train("run", steps: 5, from: "run/checkpoints/step-0000001")
    #expect(try starts("run").last?.contains("\"step\":1,") == true)
  }

  @Test func theSameDataUnderAnotherPathAreTheSame() throws {
    try train("run", steps: 1)
    try moveFile(place("scenes"), to: place("scratch"))
    try train("run", steps: 2, data: "scratch")
    try train("run", steps: 3, data: "./scratch/")
    let change = "data.path: \(place("scenes")) → \(place("scratch")) (--set)"
    let lines = try starts("run")
    #expect(lines[1].contains(change), "\(lines[1])")
  }

  @Test func whatDiffersIsTold() throws {
    try train("run", steps: 1)
    try train("run", steps: 2, "optimizer.learning_rate=0.25")
    try train("run", steps: 3, "optimizer.learning_rate=0.25")
    let lines = try starts("run")
    #expect(!lines[0].contains("differences"))
    #expect(lines[1].contains("optimizer.learning_rate: 0.001 → 0.25 (--set)"))
    #expect(lines[1].contains("schedule.steps: 1 → 2 (--set)"))
    #expect(!lines[2].contains("learning_rate"), "told once")
  }

  /// A copy without links (rsync -r, an object store) knows its best by state.json.
  @Test func theBestIsKeptWithoutItsLink() throws {
    try train("run", steps: 2, "optimizer.learning_rate=0")
    let best = try #require(linkTarget(place("run/best")))
    for link in ["best", "last"] { try removeTree(place("run/" + link)) }
    // Weights that do not move are never better than before.
    try train("run", steps: 6, "optimizer.learning_rate=0", "checkpoint.keep=1")
    #expect(linkTarget(place("run/best")) == best)
    #expect(try checkpoints("run") == [lastComponent(of: best), "step-0000006"])
  }

  /// On a file system without links, and in such a copy.
  @Test func lastAndBestMeanWhatLinksWouldPointAt() throws {
    try train("run", steps: 2, "optimizer.learning_rate=0")
    let best = try #require(linkTarget(place("run/best")))
    try train("run", steps: 6, "optimizer.learning_rate=0")
    #expect(try checkpointPath(place("run/best")) == place("run/best"), "a link that is there counts")
    for link in ["best", "last"] { try removeTree(place("run/" + link)) }
    #expect(best != "checkpoints/step-0000006")
    #expect(try checkpointPath(place("run/best/")) == place("run/" + best))
    #expect(try checkpointPath(place("run/best/config.json")) == place("run/\(best)/config.json"))
    #expect(try checkpointPath(place("run/last")) == place("run/checkpoints/step-0000006"))
    for other in ["run/first", "nothing/last", "run/last/nothing/config.json"] {
      #expect(try checkpointPath(place(other)) == place(other))
    }
    // Half a checkpoint is none, as no link ever points at one.
    try removeTree(place("run/checkpoints/step-0000006/model.safetensors"))
    #expect(try checkpointPath(place("run/last")) == place("run/checkpoints/step-0000005"))
    try removeTree(place("run/" + best))
    #expect(throws: TrainingError.self) { try checkpointPath(place("run/best")) }
  }

  @Test func whatWasNeverMeasuredHasNoBest() throws {
    try train("run", steps: 2, "evaluation.every_epochs=0")
    // What was measured is gone, as in a run that was killed before its end.
    for path in ["run/best", "run/checkpoints/step-0000002"] { try removeTree(place(path)) }
    #expect(throws: TrainingError.self) { try checkpointPath(place("run/best")) }
  }

  /// cp -rL makes directories of the links, and a copy of no more than `last` is a run that can go on.
  @Test func aCopyAlongItsLinksGoesOn() throws {
    try train("run", steps: 2)
    let weights = try readFile(place("run/last/model.safetensors"))
    let newest = try #require(absolutePath(place("run/last")))
    for link in ["best", "last"] { try removeTree(place("run/" + link)) }
    try moveFile(newest, to: place("run/last"))
    try removeTree(place("run/checkpoints"))
    try train("run", steps: 2)
    #expect(linkTarget(place("run/last")) == "checkpoints/step-0000002")
    #expect(try readFile(place("run/last/model.safetensors")) == weights)
    try train("run", steps: 3)
    #expect(try starts("run").last?.contains("\"step\":2,") == true)
  }
}
