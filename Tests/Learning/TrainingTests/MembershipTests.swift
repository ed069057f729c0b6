import Batching
import Collectives
import Evaluation
import Files
import Foundation
import Images
import Pretrained
import Randomness
import Tasks
import TestSupport
import Testing
import Training

/// Who was trained on, told from the losses of the model: of photos of noise with classes by lot, which can only be learnt by heart. A check that
/// the whole chain of a private run does something.
@Suite(.serialized) struct MembershipTests {
  private let runs: SmallRuns
  private static let each = 150

  init() throws {
    let place = try TemporaryDirectory()
    try Self.writeNoise(to: place("noise"))
    runs = SmallRuns(
      [
        "task.name=classification", "model.name=clip", "model.vision.image_size=8", "model.vision.patch_size=4",
        "model.vision.width=32", "model.vision.heads=2", "model.vision.layers=2", "model.text.width=16",
        "model.text.heads=2", "model.text.layers=1", "model.embedding_width=16", "evaluation.split=none",
        "data.augmentation=none", "batch.global=50", "checkpoint.every_steps=1000",
      ], data: "noise", in: place)
  }

  private static func writeNoise(to directory: String) throws {
    let writer = try PreparedDataSetWriter(directory: directory, description: .init(name: "noise"))
    try writer.addFile("tokenizer.json", bytes: readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json"))
    for (number, split) in ["train", "test"].enumerated() {
      for sample in 0..<each {
        var random = RandomStream(seed: 5, UInt64(number), UInt64(sample))
        let pixels = (0..<8 * 8 * 3).map { _ in UInt8(random.integer(below: 256)) }
        var columns = SampleColumns()
        columns.labels = ["coin": [random.integer(below: 2) == 0 ? "heads" : "tails"]]
        let key = "\(split)\(1000 + sample)"
        try writer.add(
          image: storedPNG(Image(width: 8, height: 8, pixels: pixels)), width: 8, height: 8,
          record: SampleRecord(key: key, fileName: key, split: split, captions: ["noise"], columns: columns))
      }
    }
    try writer.finish()
  }

  /// −log p of the class of each sample of a split.
  private func losses(_ name: String, _ split: String) throws -> [Double] {
    let path = runs.place(name + "/last")
    let task = try TaskCatalogue.task(ofModelIn: path)
    let dataSet = try PreparedDataSet(path: runs.place("noise"))
    let told = try withMeasuredModel(
      in: ModelDirectory(path: path), task, threads: 1, communicator: SoloCommunicator()
    ) { try #require(try task.classPredictions($0, on: dataSet, split: split) { _, _ in }) }
    return (0..<told.count).map { sample in
      let logits = told.logits(of: sample).map(Double.init)
      return log(logits.reduce(0) { $0 + exp($1) }) - logits[told.targets[sample][0]]
    }
  }

  /// By the loss (Yeom et al., "Privacy Risk in Machine Learning", 2018), and by how much training has lowered it (Watson et al., "On the
  /// Importance of Difficulty Calibration in Membership Inference Attacks", 2022), which takes no shadow model.
  private func attacks(_ name: String) throws -> [AttackResult] {
    let (own, others) = (try losses(name, "train"), try losses(name, "test"))
    let (before, othersBefore) = (try losses("begun", "train"), try losses("begun", "test"))
    return [
      AttackResult(members: own.map { -$0 }, others: others.map { -$0 }),
      AttackResult(members: zip(before, own).map { $0 - $1 }, others: zip(othersBefore, others).map { $0 - $1 }),
    ]
  }

  @Test func withoutNoiseMembersAreKnown() throws {
    try runs.train("begun", steps: 1, ["optimizer.learning_rate=0"])
    try runs.train("plain", steps: 200)
    for result in try attacks("plain") {
      print("membership, plain: \(result)")
      #expect(result.lower > 0.7, "\(result)")
    }
    for (epsilon, most) in [(1.0, 0.64), (8.0, 0.72)] {
      try runs.giveSecret("private\(epsilon)")
      try runs.train(
        "private\(epsilon)", steps: 200, ["privacy.clip=1", "privacy.target_epsilon=\(epsilon)", "privacy.delta=1e-3"])
      for result in try attacks("private\(epsilon)") {
        print("membership, ε \(epsilon): \(result)")
        #expect(result.area < most && result.upper > 0.45, "ε \(epsilon): \(result)")
      }
    }
  }
}

/// How well members are told from others: the area under the curve of who is taken for one, with its interval of 95 % (Hanley and McNeil, 1982).
private struct AttackResult: CustomStringConvertible {
  let area: Double
  private let margin: Double

  var lower: Double { area - margin }
  var upper: Double { area + margin }
  var description: String { "AUC \(area) [\(lower), \(upper)]" }

  /// - Parameters: scores, larger for who looks like a member.
  init(members: [Double], others: [Double]) {
    let wins = members.reduce(0.0) { sum, own in
      sum + others.reduce(0.0) { $0 + (own > $1 ? 1 : own == $1 ? 0.5 : 0) }
    }
    let (m, n) = (Double(members.count), Double(others.count))
    area = wins / (m * n)
    let (q1, q2, square) = (area / (2 - area), 2 * area * area / (1 + area), area * area)
    let variance = (area * (1 - area) + (m - 1) * (q1 - square) + (n - 1) * (q2 - square)) / (m * n)
    margin = 1.96 * variance.squareRoot()
  }
}
