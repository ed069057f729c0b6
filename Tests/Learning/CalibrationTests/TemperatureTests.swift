import Calibration
import Evaluation
import Randomness
import Reporting
import Testing

@Suite struct TemperatureTests {
  /// The minimum of a convex function, known to many digits.
  @Test func temperatureOfAWorkedExample() throws {
    let temperature = try Temperature(
      predictions([[4, 0, 0], [3, 1, 0], [0, 5, 1], [2, 0, 1], [0, 0, 3], [1, 4, 0]], [0, 1, 1, 0, 2, 0]))
    #expect(abs(temperature.value - 1.995299) < 1e-6)
    #expect(abs(temperature.costBefore - 0.9664967) < 1e-7 && abs(temperature.costAfter - 0.7927077) < 1e-7)
  }

  @Test func temperaturesEqualSciPys() throws {
    let golden = try CalibrationGolden.read()
    for (name, predictions) in [("one", golden.ofOne), ("several", golden.ofSeveral)] {
      let (found, expected) = (try Temperature(predictions), try #require(golden.temperature[name]))
      #expect(abs(found.value - expected[0]) < 1e-5 * expected[0], "\(name): \(found.value)")
      #expect(abs(found.costBefore - expected[1]) < 1e-9 && abs(found.costAfter - expected[2]) < 1e-9, "\(name)")
    }
  }

  /// Any logits with a mistake and something known: no temperature nearby has a lower cost, and none is negative or endless.
  @Test(arguments: 0..<UInt64(40))
  func noTemperatureIsBetter(seed: UInt64) throws {
    var random = RandomStream(seed: seed, 77)
    let scale = Float([0.01, 1, 30, 1000][Int(seed % 4)])
    let targets = (0..<50).map { _ in random.integer(below: 3) }
    let logits = targets.map { target in (0..<3).map { scale * (random.normal() + ($0 == target ? 1 : 0)) } }
    let predictions = predictions(logits, targets)
    let temperature = try Temperature(predictions)
    #expect(temperature.value > 0 && temperature.costAfter <= temperature.costBefore + 1e-12)
    for factor in [0.9, 0.999, 1.001, 1.1] {
      let cost = (0..<50).reduce(0.0) { $0 + predictions.cost(of: $1, temperature: temperature.value * factor) } / 50
      #expect(cost >= temperature.costAfter - 1e-12, "\(factor)")
    }
  }

  @Test func whereThereIsNoneThatIsSaid() {
    let perfect = #expect(throws: CalibrationFailure.self) {
      try Temperature(predictions([[2, 0], [0, 1]], [0, 1]))
    }
    #expect(perfect?.description.contains("makes no mistake on these 2 samples") == true)
    let worse = #expect(throws: CalibrationFailure.self) { try Temperature(predictions([[2, 0], [0, 1]], [1, 0])) }
    #expect(worse?.description.contains("no more of the classes than chance") == true)
    #expect(throws: CalibrationFailure.self) { try Temperature(predictions([[0, 0], [0, 0]], [1, 0])) }
    #expect(perfect?.exitCode == .badData)
  }
}
