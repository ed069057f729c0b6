import Batching
import Collectives
import Configuration
import Evaluation
import Files
import Inference
import Pretrained
import Reporting
import Scenes
import Tasks
import TestSupport
import Testing
import Training

/// Boxes for phrases of small scenes, from the configuration to what is told of new photos.
@Suite(.serialized) struct GroundingRunTests {
  private let runs: SmallRuns

  init() throws {
    let place = try TemporaryDirectory()
    try prepareScenes(SceneSettings(train: 24, validation: 5, test: 4, imageSize: 32), in: place)
    runs = SmallRuns(
      [
        "task.name=grounding", "model.name=fusion", "model.vision.image_size=32", "model.vision.patch_size=8",
        "model.vision.width=16", "model.text.width=16", "model.fusion.width=16", "model.fusion.layers=1",
        "model.fusion.heads=2", "evaluation.every_epochs=0",
      ], data: "scenes", in: place)
  }

  private func evaluate(_ name: String, ranks: Int = 1) throws -> GroundingMetrics {
    let reports = try InProcessCommunicator.run(ranks: ranks) { communicator in
      try evaluateModel(
        at: runs.place(name + "/last"), data: runs.place("scenes"), split: "validation", rerankDepth: 0, threads: 1,
        communicator: communicator, output: .silent) as? GroundingMetrics
    }
    return try #require(reports[0])
  }

  /// Whatever `predict` says of a photo is what `evaluate` counted, and neither hangs on the number of ranks.
  @Test func predictSaysWhatEvaluateCounts() throws {
    try runs.train("run", steps: 6)
    let one = try evaluate("run")
    #expect(one.intervals?["accuracy"] != nil)
    for ranks in [2, 3] { #expect(abs(try evaluate("run", ranks: ranks).meanOverlap - one.meanOverlap) < 1e-3) }
    let dataSet = try PreparedDataSet(path: runs.place("scenes"))
    let model = try #require(try TaskModel(ModelDirectory(path: runs.place("run/last")), threads: 1))
    var overlaps: [Double] = []
    for sample in try dataSet.samples(split: "validation") {
      let boxes = try dataSet.columns([.boxes], of: sample).columns.boxes
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: runs.place("photo.jpg"))
      let told = try model.predict(PhotoFiles(at: [runs.place("photo.jpg")]), boxes.map(\.phrase), top: 1).told[0]
      for (box, told) in zip(boxes, told) {
        let alike = boxes.filter { $0.phrase == box.phrase }
        overlaps.append(try alike.map { overlap(try edges(told), $0, sample) }.max() ?? 0)
      }
    }
    #expect(overlaps.count == one.phrases && one.phrases > 5)
    #expect(abs(100 * overlaps.reduce(0, +) / Double(overlaps.count) - one.meanOverlap) < 1e-2)
  }

  private func edges(_ told: PredictedExample) throws -> [Double] {
    guard case .object(let box) = told.members[0].1 else { return [] }
    #expect(told.members[0].0 == "box" && box.map(\.0) == ["left", "top", "right", "bottom"])
    return box.compactMap { if case .float(let edge) = $0.1 { Double(edge) } else { nil } }
  }

  private func overlap(_ told: [Double], _ box: PhraseBox, _ sample: SampleReference) -> Double {
    let (width, height) = (Double(sample.width), Double(sample.height))
    let right = [box.x / width, box.y / height, (box.x + box.width) / width, (box.y + box.height) / height]
    let sides = (0..<2).map { max(0, min(told[$0 + 2], right[$0 + 2]) - max(told[$0], right[$0])) }
    let area = { (edges: [Double]) in (edges[2] - edges[0]) * (edges[3] - edges[1]) }
    let common = sides[0] * sides[1]
    return common / (area(told) + area(right) - common)
  }

  @Test func ranksLearnAsOne() throws { try runs.expectTheSameOnRanks(steps: 4) }
  @Test func piecesEndAsTheWhole() throws { try runs.expectTheSameInPieces([]) }

  /// Streams of two widths, and one whose image states are not pooled.
  @Test(arguments: [
    [
      "model.name=vilbert", "model.vision.encoder=patches", "model.text.layers=1", "model.text.heads=2",
      "model.fusion.width=24",
    ],
    ["model.name=vilt", "model.vision.layers=1", "model.vision.heads=2"],
  ]) func otherModelsLearnBoxesToo(_ settings: [String]) throws {
    let place = runs.place
    let small = SmallRuns(
      [
        "task.name=grounding", "model.vision.image_size=32", "model.vision.patch_size=8", "model.vision.width=16",
        "evaluation.every_epochs=0",
      ]
        + (settings[0].hasSuffix("vilt")
          ? [] : ["model.text.width=16", "model.fusion.layers=1", "model.fusion.heads=2"]),
      data: "scenes", in: place)
    try small.train("other", steps: 3, settings)
    #expect(try evaluate("other").phrases > 5)
  }

  @Test func whatCannotBeLearntIsRefused() throws {
    let apart = SmallRuns(["task.name=grounding", "model.name=clip"], data: "scenes", in: runs.place)
    #expect(apart.refusal([]).contains("phrases meet none"))
    #expect(runs.refusal(["data.augmentation=standard"]).contains("learns boxes of whole photos"))
  }
}
