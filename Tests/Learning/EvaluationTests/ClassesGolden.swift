import Evaluation
import Files
import Foundation
import TestSupport

/// Tests/Golden/classes.json, made by classes.py beside it.
struct ClassesGolden: Decodable {
  struct One: Decodable { let clusters: [Int], logits: [[Float]], targets: [Int] }
  struct Several: Decodable { let clusters: [Int], logits: [[Float]], targets: [[Int]] }
  struct Sets: Decodable { let quantile: Double, sizes: [Int] }
  struct Probe: Decodable { let features: [[Double]], targets: [Int], asked: [[Double]], said: [Int] }

  let one: One
  let several: Several
  /// By split, then by the figures' keys.
  let figures: [String: [String: Double]]
  let resampled: [String: [String: [Double]]]
  let confusion: [[Int]]
  /// [T, cost at 1, cost at T]
  let temperature: [String: [Double]]
  /// [n, k, doubt, upper, lower, Wilson's low and high, P(at most k of n at 0.05)]
  let binomial: [[Double]]
  let sets: [String: Sets]
  let probe: Probe

  static func read() throws -> ClassesGolden {
    try JSONDecoder().decode(ClassesGolden.self, from: Data(readFile(goldenDirectory + "/classes.json")))
  }

  /// By split.
  var predictions: [String: ClassPredictions] {
    [
      "one": ClassPredictions(
        classes: ["a", "b", "c", "d"], logits: one.logits.flatMap { $0 }, targets: one.targets.map { [$0] },
        clusters: one.clusters, isSeveral: false),
      "several": ClassPredictions(
        classes: ["x", "y", "z"], logits: several.logits.flatMap { $0 },
        targets: several.targets.map { row in row.indices.filter { row[$0] == 1 } },
        clusters: several.clusters, isSeveral: true),
    ]
  }
}

/// Predictions of one class each.
func predictions(_ logits: [[Float]], _ targets: [Int?], clusters: [Int]? = nil) -> ClassPredictions {
  ClassPredictions(
    classes: (logits.first ?? []).indices.map { "class \($0)" }, logits: logits.flatMap { $0 },
    targets: targets.map { $0.map { [$0] } ?? [] }, clusters: clusters ?? Array(targets.indices), isSeveral: false)
}
