import Batching
import Calibration
import Collectives
import Evaluation
import Files
import Foundation
import Inference
import Pretrained
import Reporting
import Tasks
import TestSupport
import Testing
import Training

/// Several trained models together, and what is told of samples that lack something or are calibrated.
@Suite(.serialized) struct EnsembleRunTests {
  private let runs: SmallRuns

  init() throws {
    runs = SmallRuns(
      [
        "model.name=cross-attention", "model.vision.image_size=8", "model.vision.patch_size=4",
        "model.vision.width=16", "model.vision.heads=2", "model.vision.layers=1", "model.text.width=16",
        "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16", "model.fusion.layers=1",
        "model.fusion.width=16", "model.fusion.heads=2", "optimizer.learning_rate=0.01", "evaluation.every_epochs=0",
      ], in: try ToyRuns().place)
  }

  private static let classes = ["task.name=classification"]

  private func directory(_ name: String) throws -> ModelDirectory {
    try ModelDirectory(path: runs.place(name + "/last"))
  }

  private func model(_ names: [String]) throws -> TaskModel {
    try #require(
      try TaskModel(names.map { try directory($0) }, answersFile: nil, asksWords: false, threads: 1))
  }

  private func classPredictions(_ name: String, split: String = "validation") throws -> ClassPredictions {
    let task = try TaskCatalogue.task(ofModelIn: runs.place(name + "/last"))
    return try withMeasuredModel(in: directory(name), task, threads: 1, communicator: SoloCommunicator()) {
      try #require(
        try task.classPredictions($0, on: PreparedDataSet(path: runs.place("set")), split: split) { _, _ in })
    }
  }

  private func evaluate(_ names: [String], ranks: Int = 1) throws -> any TaskReport {
    try InProcessCommunicator.run(ranks: ranks) { communicator in
      try evaluateModel(
        EvaluationRequest(names.map { runs.place($0 + "/last") }, threads: 1), data: runs.place("set"),
        split: "validation", communicator: communicator, output: .silent)
    }[0]
  }

  /// What is told of each photo of the split, with the texts that it has.
  private func told(_ model: TaskModel, _ texts: (SampleRecord) -> [String] = { _ in [] }) throws
    -> [[PredictedExample]]
  {
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    return try dataSet.samples(split: "validation").map { sample in
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: runs.place("photo.jpg"))
      return try model.predict(
        PhotoFiles(at: [runs.place("photo.jpg")]), texts(dataSet.record(sample)), top: 9
      ).told[0]
    }
  }

  private func softmax(_ logits: ArraySlice<Float>) -> [Double] {
    let powers = logits.map { exp(Double($0)) }
    return powers.map { $0 / powers.reduce(0, +) }
  }

  /// The mean of the softmaxes of two models, by `predict` and by `evaluate`; the same on any number of ranks.
  @Test func classesAreToldByTheMean() throws {
    for seed in 0..<2 { try runs.train("run\(seed)", steps: 4, Self.classes + ["seed=\(seed)"]) }
    let members = try (0..<2).map { try classPredictions("run\($0)") }
    let told = try told(model(["run0", "run1"]))
    var right = 0
    for (sample, example) in told.enumerated() {
      let each = members.map { softmax($0.logits(of: sample)) }
      let mean = (0..<3).map { (each[0][$0] + each[1][$0]) / 2 }
      let bars = example[0].bars[0]
      for bar in bars {
        let number = try #require(members[0].classes.firstIndex(of: bar.text))
        #expect(abs(bar.probability - mean[number]) < 1e-4, "\(sample)")
      }
      guard let target = members[0].targets[sample].first else { continue }
      right += members[0].classes.firstIndex(of: bars[0].text) == target ? 1 : 0
    }
    let report = try #require(try evaluate(["run0", "run1"]) as? ClassificationMetrics)
    #expect(report.samples == 18 && abs(report.accuracy - 100 * Double(right) / 18) < 1e-9)
    let alone = try #require(try evaluate(["run0"]) as? ClassificationMetrics)
    #expect(alone.nll != report.nll)
    for ranks in [2, 3] {
      let other = try #require(try evaluate(["run0", "run1"], ranks: ranks) as? ClassificationMetrics)
      #expect(other.accuracy == report.accuracy && abs((other.nll ?? 0) - (report.nll ?? 1)) < 1e-5)
    }
  }

  @Test func answersAreToldByTheMean() throws {
    for seed in 0..<2 { try runs.train("run\(seed)", steps: 4, ["task.name=answering", "seed=\(seed)"]) }
    let told = try told(model(["run0", "run1"])) { $0.columns.questions.map(\.text) }
    let each = try ["run0", "run1"].map { name in try self.told(model([name])) { $0.columns.questions.map(\.text) } }
    for (both, alone) in zip(told.joined(), zip(each[0].joined(), each[1].joined())) {
      for bar in both.bars[0] {
        let parts = [alone.0, alone.1].compactMap { $0.bars[0].first { $0.text == bar.text }?.probability }
        #expect(parts.count == 2 && abs(bar.probability - parts.reduce(0, +) / 2) < 1e-5)
      }
    }
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    let asked = try dataSet.samples(split: "validation").map { try dataSet.record($0).columns.questions }
    let answered = zip(asked, told).enumerated().flatMap { place, photo in
      zip(photo.0, photo.1).map { question, told in
        AnsweredQuestion(
          answer: told.bars[0][0].text, annotators: question.answers, kinds: question.kinds, cluster: place)
      }
    }
    let wanted = try AnswerMetrics(answered, list: nil, majority: nil).accuracy
    for ranks in [1, 2, 3] {
      let report = try #require(try evaluate(["run0", "run1"], ranks: ranks) as? AnsweringReport)
      #expect(report.metrics.accuracy == wanted && report.metrics.questions == 40)
    }
  }

  private func refusal(_ names: [String]) -> String {
    let predicted = #expect(throws: EnsembleError.self) { _ = try model(names) }
    let measured = #expect(throws: EnsembleError.self) { _ = try evaluate(names) }
    #expect(predicted?.exitCode == .configuration && predicted?.description == measured?.description)
    return predicted?.description ?? ""
  }

  @Test func whatHasNoMeanIsRefused() throws {
    try runs.train("run", steps: 2, Self.classes)
    try runs.train("several", steps: 2, Self.classes + ["task.several=true"])
    try runs.train("texts", steps: 2, Self.classes + ["task.inputs=[image, text]"])
    try runs.train("answers", steps: 2, ["task.name=answering"])
    try runs.train("list", steps: 2, ["task.name=answering", "task.answers.most=3", "seed=1"])
    try runs.train("pairs", steps: 2)
    #expect(refusal(["run", "several"]).contains("they tell other classes"))
    #expect(refusal(["run", "texts"]).contains("they look at other things"))
    #expect(refusal(["answers", "list"]).contains("they choose among other answers"))
    #expect(refusal(["run", "answers"]).contains("one was trained for classification, the other for answering"))
    #expect(refusal(["run", "pairs"]).contains("has no task whose predictions have a mean"))
    #expect(refusal(["run", "run"]).contains("have the same weights"))
    // Whatever they are called.
    try makeDirectory(runs.place("copy/last"))
    for name in ["config.json", "model.safetensors", "preprocessor_config.json", "task.json", "tokenizer.json"] {
      try writeAtomically(readFile(runs.place("run/last/" + name)), to: runs.place("copy/last/" + name))
    }
    #expect(refusal(["run", "copy"]).contains("have the same weights"))
  }

  // MARK: Calibrated, and lacking something

  /// A calibration says of each new sample what it says of what `evaluate` counts; of several models together nothing.
  @Test func aCalibrationIsOfOneModel() throws {
    for seed in 0..<2 { try runs.train("run\(seed)", steps: 3, Self.classes + ["seed=\(seed)"]) }
    let calibration = try calibrate("run0")
    let members = try classPredictions("run0")
    // All at once, as `evaluate` looks at them: the same bits, where a class is as likely as the last that is possible.
    let dataSet = try PreparedDataSet(path: runs.place("set"))
    let photos = try dataSet.samples(split: "validation").map { sample in
      try writeAtomically(dataSet.withImageBytes(sample) { Array($0) }, to: runs.place(sample.key + ".jpg"))
      return runs.place(sample.key + ".jpg")
    }
    let told = try model(["run0"]).predict(PhotoFiles(at: photos), [], top: 3).told
    #expect(told.count == 20)
    for (sample, example) in told.enumerated() {
      let wanted = Referral(Array(members.logits(of: sample)), by: calibration)
      let trust = try #require(example[0].trust)
      #expect(trust.reasons == wanted.reasons.map(\.words))
      #expect(abs((trust.confidence ?? 0) - (wanted.confidence ?? 1)) < 1e-4)
    }
    let both = try model(["run0", "run1"])
    #expect(both.unusedCalibrations == [runs.place("run0/last")])
    #expect(try self.told(both).allSatisfy { $0[0].trust == nil })
    let task = try #require(try ModelTask(of: directory("run0")))
    guard case .fits(let found) = task.calibration else { throw Unexpected() }
    #expect(found == calibration && task.told?.names == ["blue", "green", "red"] && !task.isPublished)
  }

  private struct Unexpected: Error {}

  /// Every fifth sample is said to be of another class, so that there are mistakes to calibrate by.
  private func calibrate(_ name: String) throws -> Calibration {
    var predictions = try classPredictions(name, split: "train")
    for sample in stride(from: 0, to: predictions.count, by: 5) {
      predictions.targets[sample] = predictions.targets[sample].map { ($0 + 1) % 3 }
    }
    let path = runs.place(name + "/last")
    let calibration = try Calibration(
      predictions,
      from: Calibration.Source(
        weights: Calibration.weightsHash(ofModelIn: path), calibrationSet: "", dataSet: "set", split: "train"))
    try calibration.write(intoModelIn: path)
    return calibration
  }

  /// Of a photo without the text that the task reads beside it `predict` says what `evaluate` counts, and that something is missing.
  @Test func whatIsMissingIsToldAndReferred() throws {
    try runs.train("run", steps: 4, Self.classes + ["task.inputs=[image, text:note]"])
    _ = try calibrate("run")
    let members = try classPredictions("run")
    let model = try model(["run"])
    let told = try told(model) { [$0.columns.texts["note"]].compactMap(\.self) }
    for (sample, example) in told.enumerated() {
      let wanted = softmax(members.logits(of: sample))
      for bar in example[0].bars[0] {
        let number = try #require(members.classes.firstIndex(of: bar.text))
        #expect(abs(bar.probability - wanted[number]) < 1e-4, "\(sample)")
      }
      let lacks = example[0].trust?.reasons.contains(Referral.Reason.missingInput.words)
      #expect(lacks == (example[0].text == nil))
    }
    #expect(told.contains { $0[0].text == nil } && told.contains { $0[0].text != nil })
  }
}
