import Evaluation
import Files
import Foundation
import TestSupport

/// What of Tests/Golden/classes.json is about calibration.
struct CalibrationGolden: Decodable {
  struct One: Decodable { let clusters: [Int], logits: [[Float]], targets: [Int] }
  struct Several: Decodable { let clusters: [Int], logits: [[Float]], targets: [[Int]] }
  struct Sets: Decodable { let quantile: Double, sizes: [Int] }

  let one: One
  let several: Several
  /// [T, cost at 1, cost at T]
  let temperature: [String: [Double]]
  let sets: [String: Sets]

  static func read() throws -> CalibrationGolden {
    try JSONDecoder().decode(CalibrationGolden.self, from: Data(readFile(goldenDirectory + "/classes.json")))
  }

  var ofOne: ClassPredictions { predictions(one.logits, one.targets) }
  var ofSeveral: ClassPredictions {
    ClassPredictions(
      classes: ["x", "y", "z"], logits: several.logits.flatMap { $0 },
      targets: several.targets.map { row in row.indices.filter { row[$0] == 1 } }, clusters: several.clusters,
      isSeveral: true)
  }
}

/// Predictions of one class each, every sample an image of its own.
func predictions(_ logits: [[Float]], _ targets: [Int?]) -> ClassPredictions {
  ClassPredictions(
    classes: (logits.first ?? []).indices.map { "class \($0)" }, logits: logits.flatMap { $0 },
    targets: targets.map { $0.map { [$0] } ?? [] }, clusters: Array(targets.indices), isSeveral: false)
}
