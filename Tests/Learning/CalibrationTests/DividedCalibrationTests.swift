import Calibration
import Evaluation
import Foundation
import Randomness
import Testing

/// Temperature, threshold and sets of samples of their own, and what no class is true of.
@Suite struct DividedCalibrationTests {
  private static let source = Calibration.Source(
    weights: "w", calibrationSet: "c", dataSet: "flowers", split: "validation")

  /// Of a model that is as many times as sure as it may be; `photos` samples in a row are of one group.
  private func stated(_ count: Int, times: Float, photos: Int = 1, seed: UInt64 = 5) -> ClassPredictions {
    var random = RandomStream(seed: seed, 80)
    var (logits, targets): ([Float], [[Int]]) = ([], [])
    for _ in 0..<count {
      let own = (0..<3).map { _ in 2 * Float(random.normal()) }
      let powers = own.map { Foundation.exp($0) }
      var (place, left) = (0, random.uniform() * powers.reduce(0, +))
      while place < 2, left >= powers[place] { (left, place) = (left - powers[place], place + 1) }
      targets.append([place])
      logits += own.map { times * $0 }
    }
    return ClassPredictions(
      classes: ["a", "b", "c"], logits: logits, targets: targets, clusters: (0..<count).map { $0 / photos },
      isSeveral: false)
  }

  private func calibration(_ predictions: ClassPredictions, divided: Bool = true) throws -> Calibration {
    var aim = Calibration.Aim()
    aim.isDivided = divided
    aim.risk = 0.3
    return try Calibration(predictions, from: Self.source, aim: aim)
  }

  /// No group is in two parts, and each number comes from its own.
  @Test func partsHaveNothingInCommon() throws {
    let predictions = stated(300, times: 3, photos: 4)
    let whole = try calibration(predictions, divided: false)
    let divided = try calibration(predictions)
    let parts = try #require(divided.parts)
    #expect(parts.temperature == 100 && parts.threshold == 100 && parts.sets == 100)
    #expect(whole.parts == nil && divided.samples == 300 && divided.refusal.samples == 100)
    #expect(divided.sets?.samplesOfClass.reduce(0, +) == 100)
    #expect(divided.before.reliability.reduce(0) { $0 + $1.count } == 200)
    #expect(abs(divided.temperature.value - 3) < 1 && divided.temperature != whole.temperature)
    #expect(
      divided.table.contains("come from samples of their own: 100, 100 and 100, no image or group in two of them"))
    #expect(try JSONDecoder().decode(Calibration.self, from: JSONEncoder().encode(divided)) == divided)
    // Where all are of three groups each part is one of them.
    let groups = try #require(try calibration(stated(90, times: 3, photos: 30)).parts)
    #expect(groups.temperature == 30 && groups.threshold == 30 && groups.sets == 30)
  }

  @Test func tooFewToDivideSaysHowManyItTakes() throws {
    let few = #expect(throws: CalibrationFailure.self) { try calibration(stated(59, times: 3)) }
    #expect(few?.description.contains("not enough data to divide: 19 samples") == true)
    #expect(few?.description.contains("at least 20 are needed, 60 in all") == true)
    let one = #expect(throws: CalibrationFailure.self) { try calibration(stated(90, times: 3, photos: 90)) }
    #expect(one?.description.contains("0 samples with a known class in the smallest of three parts") == true)
  }

  /// Of a model that is as sure as it may be a temperature is chance.
  @Test func aTemperatureWithoutGainIsNotUsed() throws {
    let found = try (0..<6).map { try calibration(stated(100, times: 1, seed: 100 + UInt64($0)), divided: false) }
    let useless = found.filter { $0.uselessTemperature != nil }
    #expect(useless.count >= 2, "\(useless.count) of 6")
    for calibration in useless {
      #expect(calibration.temperature.value == 1 && calibration.after == calibration.before)
      #expect(calibration.table.contains("and it is not used: what half of them have made the other half no truer"))
    }
    #expect(try calibration(stated(300, times: 3), divided: false).uselessTemperature == nil)
  }

  /// An answer that is none of the list is a mistake whatever is said, and in no set.
  @Test func whatNoClassIsTrueOfIsAMistake() throws {
    var predictions = stated(200, times: 2)
    let before = try calibration(predictions, divided: false)
    predictions.outside = Array(0..<40)
    for place in predictions.outside { predictions.targets[place] = [] }
    let after = try calibration(predictions, divided: false)
    #expect(after.samples == 200 && after.outside == 40 && before.outside == nil)
    #expect(after.table.contains("40 samples have an answer that is none of the model's: they count as mistakes"))
    #expect(after.refusal.coverage < before.refusal.coverage)
    // More than the tenth that a set may miss: every class is possible then.
    #expect(after.sets?.quantile == 1 && after.sets?.samplesOfClass.reduce(0, +) == 160)
  }
}
