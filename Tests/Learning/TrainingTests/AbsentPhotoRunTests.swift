import Batching
import Collectives
import Configuration
import Evaluation
import Files
import Images
import Inference
import Models
import Objectives
import Preparation
import Pretrained
import Reporting
import Tasks
import TensorEngine
import TestSupport
import Testing
import Tokenization
import Training

/// Classes of samples of which some have no photo, some no note, and some batches nobody's photo.
@Suite(.serialized) struct AbsentPhotoRunTests {
  private let runs: SmallRuns

  /// Of 40 photos 20 stay in `scarce`, and 8 in `blind`.
  init() throws {
    let place = try ToyRuns().place
    for (name, share) in [("scarce", 0.5), ("blind", 0.8)] {
      try ImbalancedCopy(
        of: place("set"), output: place(name), drops: [ColumnDrop(column: .image, share: share)],
        splits: ["train", "validation"]
      ).make()
    }
    runs = Self.runs(on: "scarce", in: place)
  }

  private static func runs(on data: String, in place: TemporaryDirectory) -> SmallRuns {
    SmallRuns(
      [
        "task.name=classification", "task.inputs=[image, text:note]", "model.name=clip", "model.vision.image_size=8",
        "model.vision.patch_size=4", "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1",
        "model.text.width=16", "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16",
        "evaluation.every_epochs=0",
      ], data: data, in: place)
  }

  private static let joint = [
    "model.name=cross-attention", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
  ]

  // MARK: Learning

  @Test(arguments: [[], AbsentPhotoRunTests.joint]) func ranksLearnAsOne(model: [String]) throws {
    try runs.expectTheSameOnRanks(model)
  }

  /// Three samples a step, of which one in five has a photo: many steps see none, and many ranks.
  @Test func aStepWithoutAnyPhotoIsAStep() throws {
    let blind = Self.runs(on: "blind", in: runs.place)
    let loader = try BatchLoader(
      dataSet: PreparedDataSet(path: runs.place("blind")), tokenizer: toyTokenizer(),
      preprocessing: .clip(imageSize: 8),
      settings: LoaderSettings(columns: [], columnsOfEachSample: [], contextLength: 8, globalBatch: 3))
    let seen = try (0..<6).map { _ in try loader.next().columns.photos ?? [] }
    #expect(seen.contains { $0 == [false, false, false] } && seen.contains { $0.contains(true) }, "\(seen)")
    try blind.expectTheSameOnRanks(["batch.global=3"])
    #expect(try blind.losses("one").allSatisfy(\.isFinite))
  }

  @Test func piecesEndAsTheWhole() throws { try runs.expectTheSameInPieces() }

  /// States of a locked tower are kept of the photos that there are.
  @Test func aProbeReadsKeptStates() throws {
    let probe = [
      "initialize.lock.vision=0", "data.augmentation=none", "memory.cache_locked=on", "evaluation.every_epochs=1",
    ]
    try runs.train("kept", steps: 8, ranks: 2, probe)
    try runs.train("computed", steps: 8, ranks: 2, probe + ["memory.cache_locked=off"])
    #expect(try runs.bytes("kept") == runs.bytes("computed"))
    let log = String(decoding: try readFile(runs.place("kept/metrics.jsonl")), as: UTF8.self)
    #expect(log.contains(#""segments":20"#))
  }

  /// Encoders see the photos that there are, and nothing of what stands in the others' place.
  @Test func whatIsNotThereIsNotSeen() throws {
    let loader = try EvaluationLoader(
      dataSet: PreparedDataSet(path: runs.place("scarce")), split: "train", columns: [.image], photosMayBeAbsent: true,
      tokenizer: toyTokenizer(), contextLength: 8, preprocessing: .clip(imageSize: 8), chunk: 40)
    let columns = try #require(try loader.next()).columns
    let photos = try #require(columns.photos)
    let images = Engine(threadCount: 1).images(columns, .pictures(side: 8))
    #expect(images.count == 20 && photos.count { $0 } == 20)
    let all = try #require(columns.pixels).array()
    let present = photos.indices.filter { photos[$0] }
    #expect(images.pictures.pixels.values() == present.flatMap { Array(all[$0 * 192..<($0 + 1) * 192]) })
  }

  // MARK: Measuring and telling

  private func evaluate(ranks: Int, without: [Modality] = []) throws -> [Float] {
    let path = runs.place("run/last")
    let task = try TaskCatalogue.task(ofModelIn: path)
    let dataSet = try PreparedDataSet(path: runs.place("scarce"))
    return try InProcessCommunicator.run(ranks: ranks) { communicator in
      try withMeasuredModel(in: ModelDirectory(path: path), task, threads: 1, communicator: communicator) {
        var subject = $0
        subject.without = without
        return try #require(try task.classPredictions(subject, on: dataSet, split: "validation") { _, _ in }).logits
      }
    }[0]
  }

  @Test func predictSaysWhatEvaluateCounts() throws {
    try runs.train("run", steps: 8)
    let logits = try evaluate(ranks: 1)
    for ranks in [2, 3] { #expect(difference(try evaluate(ranks: ranks), logits, relative: 1e-5) == nil) }
    let dataSet = try PreparedDataSet(path: runs.place("scarce"))
    let model = try #require(try TaskModel(ModelDirectory(path: runs.place("run/last")), threads: 1))
    var told = 0
    for (place, sample) in try dataSet.samples(split: "validation").enumerated() where !sample.hasPhoto {
      guard let note = try dataSet.record(sample).columns.texts["note"] else { continue }
      let prediction = try model.predict(nil, [note], top: 3).told[0][0]
      guard case .list(let choices) = prediction.members[0].1 else { continue }
      for case .object(let members) in choices {
        guard case .integer(let number) = members[1].1, case .float(let logit) = members[3].1 else { continue }
        #expect(difference([logit], [logits[3 * place + number]], relative: 1e-4, floor: 1e-5) == nil)
        told += 1
      }
    }
    #expect(told >= 3 * 6, "ten of twenty lose their photo, and four have no note")
    #expect(throws: TaskError.self) { try model.predict(nil, [], top: 3) }
  }

  /// With photos taken away all samples are told by their notes.
  @Test func aModalityIsTakenAway() throws {
    try runs.train("run", steps: 8)
    let (all, none) = (try evaluate(ranks: 1), try evaluate(ranks: 1, without: [.image]))
    let dataSet = try PreparedDataSet(path: runs.place("scarce"))
    for (place, sample) in try dataSet.samples(split: "validation").enumerated() {
      let own = 3 * place..<3 * place + 3
      let isSame = difference(Array(none[own]), Array(all[own]), relative: 1e-5) == nil
      #expect(isSame != sample.hasPhoto, "\(sample.key)")
    }
  }

  // MARK: What cannot be

  @Test func whatNeedsAPhotoOfEachIsRefused() throws {
    #expect(runs.refusal(["objective.contrastive=1"]).contains("some samples of train have no photo"))
    let error = #expect(throws: (any Error).self) { try runs.train("refused", ["task.inputs=[image]"]) }
    #expect(error.map { "\($0)" }?.contains("nothing in the column image") == true)
    // Who has learnt from photos of all has nothing that stands for none.
    let whole = Self.runs(on: "set", in: runs.place)
    try whole.train("run", steps: 2)
    #expect(throws: (any Error).self) { try evaluate(ranks: 1) }
    let model = try #require(try TaskModel(ModelDirectory(path: runs.place("run/last")), threads: 1))
    let refused = #expect(throws: TaskError.self) { try model.predict(nil, ["it is red"], top: 3) }
    #expect(refused?.description.contains("looks at photos; give some with --image") == true)
  }
}

private func toyTokenizer() throws -> any Tokenizer {
  try loadTokenizer(readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"), path: "tiny-tokenizer.json")
}
