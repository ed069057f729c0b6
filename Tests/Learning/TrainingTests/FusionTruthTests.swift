import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Images
import Reporting
import TestSupport
import Testing
import Training

/// What `evaluate --fusion` and `--alone` say of models that were trained where it is known what image and text tell: a photo has a bit, dark
/// or bright, its text another, and the class is made of both.
@Suite(.serialized) struct FusionTruthTests {
  private let runs: SmallRuns

  init() throws {
    runs = SmallRuns(
      [
        "task.name=classification", "task.inputs=[image, text]", "model.name=cross-attention",
        "model.vision.image_size=8", "model.vision.patch_size=4", "model.vision.width=16", "model.vision.heads=2",
        "model.vision.layers=1", "model.text.width=16", "model.text.heads=2", "model.text.layers=1",
        "model.embedding_width=16", "model.fusion.layers=1", "model.fusion.width=16", "model.fusion.heads=2",
        "optimizer.learning_rate=0.01", "data.augmentation=none", "evaluation.every_epochs=0",
      ], in: try TemporaryDirectory())
  }

  /// 80 photos with all combinations of bits equally often, half of them to learn from; no two are alike.
  private func write(_ name: String, isCopy: Bool = false, truth: (Int, Int) -> Int) throws {
    let writer = try PreparedDataSetWriter(directory: runs.place(name), description: .init(name: name))
    try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
    for number in 0..<80 {
      let (first, second) = (number % 2, isCopy ? number % 2 : number / 2 % 2)
      let level = UInt8((first == 0 ? 20 : 190) + number / 2)
      let image = Image(width: 16, height: 16, pixels: [UInt8](repeating: level, count: 768))
      var columns = SampleColumns()
      columns.labels["class"] = ["class\(truth(first, second))"]
      try writer.add(
        image: encodeJPEG(image, quality: 95), width: 16, height: 16,
        record: SampleRecord(
          key: "k\(100 + number)", fileName: "\(100 + number)", split: number < 40 ? "train" : "validation",
          captions: [second == 0 ? "a red one" : "a dog"], columns: columns))
    }
    try writer.finish()
  }

  private struct Measured: Decodable {
    let accuracy: Double
    let fusion: FusionMetrics
    let beside: BesideMetrics
  }

  /// Trains on both and on each alone, and asks all.
  private func measured(_ set: String, steps: Int) throws -> Measured {
    let runs = SmallRuns(runs.settings, data: set, in: runs.place)
    try runs.train(set + "-both", steps: steps)
    var further = FurtherQuestions()
    (further.fusion, further.rewordings) = (true, runs.place("rewordings.tsv"))
    try writeAtomically("a red one\tred\na dog\tthe dog\ta dog.\n".utf8, to: runs.place("rewordings.tsv"))
    for input in ["image", "text"] {
      try runs.train(set + "-" + input, steps: steps, ["task.inputs=[\(input)]"])
      further.alone.append(runs.place(set + "-\(input)/last"))
    }
    let report = try evaluateFurther(
      further, of: runs.place(set + "-both/last"), data: runs.place(set), split: "validation", threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    #expect(report.table.contains("gain over the best of one modality") && report.table.contains("other words"))
    return try JSONDecoder().decode(Measured.self, from: JSONEncoder().encode(report))
  }

  /// Neither bit says anything alone, and both say all: all of the gain is interaction, and each is needed.
  @Test func exclusiveOrTakesBoth() throws {
    try write("xor") { $0 ^ $1 }
    let found = try measured("xor", steps: 200)
    #expect(found.accuracy == 100)
    let gain = try #require(found.beside.gain)
    #expect(abs(gain.value - 50) < 15 && gain.interval.map { $0.low > 20 } == true, "\(gain)")
    #expect(abs(found.fusion.cooperation.value - 50) < 20, "\(found.fusion)")
    #expect(try abs(#require(found.fusion.interaction).value - 50) < 20)
    for row in found.fusion.byModality {
      #expect(try abs(#require(row.perceptual).value - 50) < 15 && abs(#require(row.shapley).value - 25) < 12, "\(row)")
    }
  }

  /// Both are needed, but what each says adds up.
  @Test func conjunctionAddsUp() throws {
    try write("and") { $0 & $1 }
    let found = try measured("and", steps: 200)
    #expect(found.accuracy == 100)
    #expect(try abs(#require(found.beside.gain).value - 25) < 10, "\(found.beside)")
    #expect(try abs(#require(found.fusion.interaction).value) < 10, "\(found.fusion)")
  }

  /// Each says all: nothing is gained, and the model has no more of both than of one.
  @Test func copiesGainNothing() throws {
    try write("copies", isCopy: true) { first, _ in first }
    let found = try measured("copies", steps: 100)
    #expect(found.accuracy == 100 && found.beside.gain?.value == 0 && found.beside.gain?.interval?.high == 0)
    #expect(found.beside.others.map(\.name) == ["image alone", "text alone", "the split's most frequent class"])
    #expect(found.fusion.cooperation.value < 15, "\(found.fusion)")
    // Plain photos are the same mirrored.
    let consistency = found.fusion.consistency
    #expect(consistency.map(\.name) == ["image mirrored", "other words"] && consistency[0].figure.value == 100)
  }

  // MARK: Bad input

  private func refusal(_ further: FurtherQuestions, of run: String) -> String {
    let error = #expect(throws: (any Error).self) {
      try evaluateFurther(
        further, of: runs.place(run + "/last"), data: runs.place("xor"), split: "validation", threads: 1,
        communicator: SoloCommunicator(), output: .silent)
    }
    #expect((error as? any ReportableError)?.exitCode == .configuration || error is any ReportableError)
    return error.map { "\($0)" } ?? ""
  }

  @Test func othersThatCannotStandBesideAreRefused() throws {
    try write("xor") { $0 ^ $1 }
    try write("and") { $0 & $1 }
    let xor = SmallRuns(runs.settings, data: "xor", in: runs.place)
    try xor.train("both", steps: 1)
    try xor.train("short", steps: 2, ["task.inputs=[image]"])
    try SmallRuns(runs.settings, data: "and", in: runs.place).train("elsewhere", steps: 1, ["task.inputs=[image]"])
    var further = FurtherQuestions()
    further.alone = [runs.place("both/last")]
    #expect(refusal(further, of: "both").contains("it does not look at one modality alone"))
    further.alone = [runs.place("elsewhere/last")]
    #expect(refusal(further, of: "both").contains("it was trained on other data"))
    further.alone = [runs.place("short/last")]
    let report = try evaluateFurther(
      further, of: runs.place("both/last"), data: runs.place("xor"), split: "validation", threads: 1,
      communicator: SoloCommunicator(), output: .silent)
    #expect(report.table.contains("has seen 24 samples in training, the model of --checkpoint 12: not the same budget"))
    #expect(report.table.contains("as there is no model of text alone"))
    // What looks at one thing alone is made of nothing together.
    var fusion = FurtherQuestions()
    fusion.fusion = true
    #expect(refusal(fusion, of: "short").contains("looks at one modality alone"))
    for (text, problem) in [
      ("a\n", "line 1 has no two texts"), ("a\tb\nb\tc\n", "is in two lines, 1 and 2"), ("", "no line"),
    ] {
      try writeAtomically(text.utf8, to: runs.place("rewordings.tsv"))
      fusion.rewordings = runs.place("rewordings.tsv")
      #expect(refusal(fusion, of: "both").contains(problem))
    }
  }
}
