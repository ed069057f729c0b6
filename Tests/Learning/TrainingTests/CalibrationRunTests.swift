import Batching
import Calibration
import Collectives
import Evaluation
import Files
import Foundation
import Inference
import Pretrained
import Reporting
import TestSupport
import Testing
import Training

/// A model of classes from training to what it says of a new photo, by its calibration.
@Suite(.serialized) struct CalibrationRunTests {
  private let runs: SmallRuns

  init() throws {
    runs = SmallRuns(
      [
        "task.name=classification", "model.name=clip", "model.vision.image_size=8", "model.vision.patch_size=4",
        "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1", "model.text.width=16",
        "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16", "evaluation.every_epochs=0",
      ], in: try ToyRuns().place)
  }

  private func calibrate(ranks: Int = 1) throws -> [Calibration] {
    try InProcessCommunicator.run(ranks: ranks) {
      try calibrateModel(
        at: runs.place("run/last"), data: runs.place("set"), split: "train", aim: Calibration.Aim(), threads: 1,
        communicator: $0, output: .silent)
    }
  }

  /// It is fitted to what `evaluate` counts, whatever the number of ranks, kept beside the weights, and tells of new photos.
  @Test func whatIsCalibratedSaysHowSureItMayBe() throws {
    try runs.train("run", steps: 3)
    let one = try calibrate()[0]
    #expect(one.samples == 35 && one.classes == ["blue", "green", "red"] && one.refusal.samples == 35)
    #expect(one.after.nll <= one.before.nll)
    for other in try calibrate(ranks: 3) {
      #expect(abs(other.temperature.value / one.temperature.value - 1) < 1e-3)
      #expect(other.weights == one.weights && other.calibrationSet == one.calibrationSet)
    }
    let directory = try ModelDirectory(path: runs.place("run/last"))
    #expect(try Calibration.of(modelIn: directory.path, classes: one.classes) != nil)
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    try writeAtomically(
      dataSet.withImageBytes(dataSet.samples(split: "validation")[0]) { Array($0) }, to: runs.place("photo.jpg"))
    let model = try #require(try TaskModel(directory, threads: 1))
    let told = try model.predict(PhotoFiles(at: [runs.place("photo.jpg")]), [], top: 3).told[0][0]
    let figures = try #require(told.members.first { $0.0 == "calibrated" }).1.line
    #expect(figures.contains(#""refer":true"#) == told.lines.contains { $0.contains("refer: ") }, "\(figures)")
    #expect(told.lines.contains { $0.contains("calibrated: ") } && figures.contains(#""possible":["#))
    // Other weights: the calibration is refused.
    try runs.train("other", steps: 4)
    try writeAtomically(
      readFile(directory.path + "/" + Calibration.fileName), to: runs.place("other/last/" + Calibration.fileName))
    let error = #expect(throws: CalibrationFailure.self) {
      try TaskModel(ModelDirectory(path: runs.place("other/last")), threads: 1)
    }
    #expect(error?.exitCode == .missingInput)
  }

  /// Groups by a label, beside the figures of all.
  @Test func groupsStandBesideAll() throws {
    try runs.train("run", steps: 3)
    var further = FurtherQuestions()
    further.by = "label:colour"
    let report = try evaluateFurther(
      further, of: runs.place("run/last"), data: runs.place("set"), split: "train", threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    let text = String(decoding: try JSONEncoder().encode(report), as: UTF8.self)
    #expect(text.contains(#""by":"label:colour""#) && text.contains(#""name":"green""#) && text.contains(#""nll":"#))
    #expect(report.table.contains("gap between the best and the worst"))
  }

  /// A class that the text says and the photo shows: what a joint model makes of both, the same on any number of ranks.
  @Test func modalitiesAreTakenApart() throws {
    try runs.train(
      "run", steps: 8,
      [
        "model.name=cross-attention", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
        "task.inputs=[image, text]",
      ])
    func measured(ranks: Int) throws -> [FusionMetrics] {
      try InProcessCommunicator.run(ranks: ranks) {
        var further = FurtherQuestions()
        further.fusion = true
        let report = try evaluateFurther(
          further, of: runs.place("run/last"), data: runs.place("set"), split: "validation", threads: 1,
          communicator: $0, output: .silent)
        return try JSONDecoder().decode(Fused.self, from: JSONEncoder().encode(report)).fusion
      }
    }
    let one = try measured(ranks: 1)[0]
    #expect(one.samples == 18 && one.modalities == ["image", "text"] && one.missing.count == 4)
    #expect(one.interactionSamples == 18 && one.interaction != nil)
    #expect(one.consistency.map(\.name) == ["image mirrored"] && one.unsaid.count == 1)
    let shares = one.byModality.compactMap { $0.shapley?.value }
    #expect(abs(shares.reduce(0, +) - (one.missing[0].figure.value - one.missing[3].figure.value)) < 1e-9)
    let other = try measured(ranks: 3)
    #expect(other.allSatisfy { $0.missing.map(\.figure.value) == one.missing.map(\.figure.value) })
  }

  /// A model that has learnt which caption belongs to which photo: what it knows of photos holds for captions.
  @Test func whatIsKnownOfImagesHoldsForTexts() throws {
    try runs.train(
      "pairs", steps: 80, ["task.name=pretraining", "objective.matching=0", "optimizer.learning_rate=0.01"])
    try runs.train("classes", steps: 1)
    func measured(_ name: String, ranks: Int = 1) throws -> [CrossModalMetrics] {
      try InProcessCommunicator.run(ranks: ranks) {
        var further = FurtherQuestions()
        further.crossModal = true
        let report = try evaluateFurther(
          further, of: runs.place(name + "/last"), data: runs.place("set"), split: "validation", threads: 1,
          communicator: $0, output: .silent)
        #expect(report.table.contains("cross-modal accuracy") && report.table.contains("not said: agreement"))
        return try JSONDecoder().decode(CrossModal.self, from: JSONEncoder().encode(report)).measured
      }
    }
    let one = try measured("pairs")[0]
    // Which of a colour's photos is meant no caption can tell, and all of its captions are equal.
    #expect(one.foilTexts == 20 && (one.foils?.value ?? 0) > 90, "\(one)")
    #expect((one.imageToText?.value ?? 0) > 90 && (one.imageProbeOnText?.value ?? 0) > 90, "\(one)")
    #expect(one.unsaid.count == 1 && one.imageAgreement == nil)
    for other in try measured("pairs", ranks: 3) {
      #expect(other.foils?.value == one.foils?.value && other.imageToText?.value == one.imageToText?.value)
    }
    // A model of classes has features as well, which nothing has trained.
    #expect(try measured("classes")[0].imageToText != nil)
  }

  private struct CrossModal: Decodable {
    let measured: CrossModalMetrics

    enum CodingKeys: String, CodingKey { case measured = "cross_modal" }
  }
  private struct Fused: Decodable { let fusion: FusionMetrics }
}
