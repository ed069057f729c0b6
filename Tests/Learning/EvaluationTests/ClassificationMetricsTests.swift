import Evaluation
import Foundation
import Testing

/// Figures of classes against scikit-learn's, and against numbers worked out by hand.
@Suite struct ClassificationMetricsTests {
  /// Of each class's probability by itself; one bin a sample here, so that a class's error is the mean of |p − y|.
  @Test func classesHaveCalibrationErrorsOfTheirOwn() throws {
    let logs = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]].map { $0.map { Float(log($0)) } }
    let metrics = try ClassificationMetrics(predictions(logs, [0, 1, 0]))
    // In bins of a fifteenth: 0.7 0.1 0.3 · 0.2 0.8 0.3 · 0.1 and 0.1 together, 0.4; what is true 1 0 1 · 0 1 0 · 0 0 0.
    let classes = [(0.3 + 0.1 + 0.7) / 3, (0.2 + 0.2 + 0.3) / 3, (0.2 + 0.4) / 3]
    #expect(try abs(#require(metrics.eceByClass) - classes.reduce(0, +) / 3) < 1e-6)
    // Two in one bin, one of them true: 0.51 + 0.52 against 1, and 0.49 + 0.48.
    let near = [[0.51, 0.49], [0.52, 0.48]].map { $0.map { Float(log($0)) } }
    #expect(try abs(#require(ClassificationMetrics(predictions(near, [0, 1])).eceByClass) - 0.015) < 1e-6)
  }

  @Test(arguments: ["one", "several"])
  func figuresEqualScikitLearns(split: String) throws {
    let golden = try ClassesGolden.read()
    let document = try Document(ClassificationMetrics(#require(golden.predictions[split])))
    for (key, expected) in try #require(golden.figures[split]) {
      #expect(try abs(#require(document.values[key], "\(key)") - expected) < 2e-6, "\(key)")
    }
  }

  /// The same draws, computed from lists of items.
  @Test(arguments: ["one", "several"])
  func intervalsEqualNumPys(split: String) throws {
    let golden = try ClassesGolden.read()
    let metrics = try ClassificationMetrics(#require(golden.predictions[split]), hasIntervals: true)
    let expected = try #require(golden.resampled[split])
    #expect(metrics.intervals?.count == expected.count)
    for (key, ends) in expected {
      let interval = try #require(metrics.intervals?[key], "\(key)")
      #expect(abs(interval.low - ends[0]) < 1e-5 && abs(interval.high - ends[1]) < 1e-5, "\(key): \(interval) \(ends)")
    }
  }

  @Test func confusionEqualsScikitLearns() throws {
    let golden = try ClassesGolden.read()
    let metrics = try ClassificationMetrics(#require(golden.predictions["one"]))
    #expect(metrics.confusion == golden.confusion)
    #expect(metrics.missingClasses == ["d"] && metrics.byClass[3].recall == nil)
    #expect(metrics.byClass[0].samples == golden.confusion[0].reduce(0, +))
  }

  private static let stated = [1, 0.95, 0.8, 0.8, 0.6, 0.6, 0.4, 0.2]
  private static let cameTrue = [true, true, true, false, true, false, false, true]

  /// A worked example of the literature's two conventions; ours are (low, high], as in Guo et al.'s code.
  @Test func calibrationErrorsOfAWorkedExample() {
    let (error, once) = (
      CalibrationError(Self.stated, Self.cameTrue, samples: Array(0..<8)), [Int](repeating: 1, count: 8)
    )
    #expect(abs(error.equalWidth(once, bins: 5) - 0.25625) < 1e-12)
    #expect(abs(error.equalMass(once, bins: 4) - 0.15625) < 1e-12)
  }

  /// Which of equal ones comes first decides nothing.
  @Test func equalStatementsShareTheirTruth() {
    let once = [Int](repeating: 1, count: 4)
    let orders = [[true, false, false, true], [false, true, true, false], [true, true, false, false]]
    let errors = orders.map {
      CalibrationError([0.5, 0.5, 0.5, 0.5], $0, samples: Array(0..<4)).equalMass(once, bins: 2)
    }
    #expect(errors == [0, 0, 0])
  }

  /// Many samples that come true as often as stated: the error is about what a calibrated model would show, and falls with their number.
  @Test func aCalibratedModelShowsAnErrorByChance() {
    let stated = (0..<400).map { 0.5 + Double($0 % 50) / 100 }
    let all = CalibrationError(stated, stated.map { _ in true }, samples: Array(0..<400))
    let few = CalibrationError(Array(stated.prefix(50)), [Bool](repeating: true, count: 50), samples: Array(0..<50))
    let (of400, of50) = (
      all.ifCalibrated([Int](repeating: 1, count: 400)), few.ifCalibrated([Int](repeating: 1, count: 50))
    )
    #expect(of400 > 0.01 && of400 < 0.08 && of50 > 2 * of400, "\(of400), \(of50)")
  }

  /// p (.7 .2 .1)(.1 .8 .1)(.3 .3 .4), of classes 0, 1, 0: squared errors .14, .06 and .74.
  @Test func brierAndCostOfAWorkedExample() throws {
    let rows: [[Float]] = [[0.7, 0.2, 0.1], [0.1, 0.8, 0.1], [0.3, 0.3, 0.4]].map { row in row.map { Float(log($0)) } }
    let metrics = try ClassificationMetrics(predictions(rows, [0, 1, 0]))
    #expect(try abs(#require(metrics.brier) - 0.313333) < 1e-6)
    #expect(try abs(#require(metrics.nll) - 0.594597) < 1e-6)
  }

  @Test func areaOfRiskOfAWorkedExample() {
    let once = [Int](repeating: 1, count: 5)
    let areas = RiskCoverage([0.9, 0.8, 0.7, 0.6, 0.5], [true, true, false, true, false]).areas(once)
    #expect(abs(areas.area - 0.196667) < 1e-6 && abs(areas.area - areas.excess - 0.13) < 1e-12)
    // All equally sure: one step, whatever the order.
    let plateau = RiskCoverage([1, 1, 1, 1, 1], [false, true, true, false, true]).areas(once)
    #expect(abs(plateau.area - 0.4) < 1e-12)
  }

  @Test func theCurveOfRiskEndsAtAll() {
    let curve = RiskCoverage([0.9, 0.9, 0.7, 0.6], [true, false, true, true]).curve(samples: 4)
    #expect(curve.map(\.coverage) == [0.5, 0.75, 1])
    #expect(curve.map(\.risk) == [0.5, 1.0 / 3, 0.25] && curve.map(\.confidence) == [0.9, 0.7, 0.6])
  }

  // MARK: What is not there

  @Test func whatIsNoNumberIsWrongAndLeavesNoProbabilities() throws {
    let metrics = try ClassificationMetrics(
      predictions([[.nan, 1], [2, .infinity], [3, 1], [0, 1]], [1, 1, 0, 1]), hasIntervals: true)
    #expect(metrics.notFinite == 2 && metrics.accuracy == 50)
    #expect(metrics.nll == nil && metrics.brier == nil && metrics.ece == nil && metrics.eceIfCalibrated == nil)
    let text = String(decoding: try JSONEncoder().encode(metrics), as: UTF8.self)
    #expect(!text.contains("nan") && !metrics.table.lowercased().contains("nan"))
    #expect(metrics.table.contains("for 2 samples the model gave something that is no number"))
  }

  @Test func whoseClassIsUnknownIsLeftOut() throws {
    let metrics = try ClassificationMetrics(predictions([[1, 0], [0, 1], [9, 0]], [0, 1, nil]))
    #expect(metrics.samples == 2 && metrics.unlabelled == 1 && metrics.accuracy == 100)
    #expect(metrics.table.contains("1 samples have no known class"))
  }

  @Test func aSplitOfOneClassHasNoArea() throws {
    let metrics = try ClassificationMetrics(predictions([[1, 0], [0, 1]], [0, 0]), hasIntervals: true)
    #expect(metrics.auroc == nil && metrics.balancedAccuracy == 50 && metrics.missingClasses == ["class 1"])
    #expect(metrics.table.contains("1 classes are of no sample, and their recall is not known: class 1"))
  }

  @Test func manyClassesAreNotLookedAtEachByEach() throws {
    let row = (0..<101).map { Float($0) }
    let metrics = try ClassificationMetrics(predictions([row, row], [100, 0]))
    #expect(metrics.auroc == nil && metrics.confusion == nil && metrics.accuracy == 50)
    #expect(metrics.table.contains("of more than 100 classes there is no AUROC"))
    #expect(metrics.table.contains("and 81 more classes, with --json"))
  }

  @Test func impossiblePredictionsAreErrors() {
    let sound = predictions([[1, 0], [0, 1]], [0, 1])
    var broken = [ClassPredictions](repeating: sound, count: 5)
    broken[0].classes = ["alone"]
    broken[1].logits.removeLast()
    broken[2].clusters.removeLast()
    broken[3].targets[0] = [2]
    broken[4].targets[0] = [0, 1]
    for predictions in broken + [predictions([], []), predictions([[1, 0]], [nil])] {
      #expect(throws: EvaluationError.self) { try ClassificationMetrics(predictions) }
    }
    #expect(EvaluationError.oneClass(name: "cat").description.contains("the class cat is the only one"))
  }

  @Test func reportsAreReadAgain() throws {
    let metrics = try ClassificationMetrics(#require(ClassesGolden.read().predictions["one"]), hasIntervals: true)
    #expect(try JSONDecoder().decode(ClassificationMetrics.self, from: JSONEncoder().encode(metrics)) == metrics)
    #expect(metrics.table.hasPrefix("60 samples, 4 classes"))
    #expect(metrics.score == metrics.accuracy && metrics.members[0].0 == "samples")
  }
}

/// The numbers of a JSON document.
private struct Document {
  let values: [String: Double]

  init(_ value: some Encodable) throws {
    let members = try JSONSerialization.jsonObject(with: JSONEncoder().encode(value)) as? [String: Any] ?? [:]
    values = members.compactMapValues { $0 as? Double }
  }
}
