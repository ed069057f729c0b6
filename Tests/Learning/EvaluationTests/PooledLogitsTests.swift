import Evaluation
import Files
import Foundation
import TestSupport
import Testing

/// Several models together say the mean of their probabilities, as NumPy has it (`Tests/Golden/ensembles.py`).
@Suite struct PooledLogitsTests {
  private struct Golden: Decodable {
    let logits: [[[Float]]]
    let softmax: [[Double]]
    let sigmoid: [[Double]]
    let temperature: Double
    let tempered: [[Double]]
  }

  private let golden: Golden

  init() throws {
    golden = try JSONDecoder().decode(Golden.self, from: Data(readFile(goldenDirectory + "/ensembles.json")))
  }

  private func predictions(_ member: Int, isSeveral: Bool) -> ClassPredictions {
    let logits = golden.logits[member]
    return ClassPredictions(
      classes: logits[0].indices.map { "c\($0)" }, logits: logits.flatMap(\.self), targets: logits.map { _ in [0] },
      clusters: Array(logits.indices), isSeveral: isSeveral)
  }

  private func expect(_ probabilities: [Double], _ wanted: [Double]) {
    #expect(probabilities.count == wanted.count)
    // Logits are Float: of large ones seven digits.
    for (found, wanted) in zip(probabilities, wanted) { #expect(abs(found - wanted) <= 1e-5 * wanted + 1e-12) }
  }

  @Test(arguments: [false, true]) func probabilitiesAreTheMean(isSeveral: Bool) throws {
    let all = try #require(
      try ClassPredictions.pooled((0..<3).map { predictions($0, isSeveral: isSeveral) }))
    for sample in 0..<all.count {
      expect(all.probabilities(of: sample), (isSeveral ? golden.sigmoid : golden.softmax)[sample])
    }
  }

  @Test func aTemperatureComesAfterTheMean() throws {
    let all = try #require(try ClassPredictions.pooled((0..<3).map { predictions($0, isSeveral: false) }))
    for sample in 0..<all.count {
      expect(all.probabilities(of: sample, temperature: golden.temperature), golden.tempered[sample])
    }
  }

  @Test func oneSaysWhatItSays() throws {
    let one = predictions(0, isSeveral: false)
    #expect(try ClassPredictions.pooled([one])?.logits == one.logits)
    #expect(try ClassPredictions.pooled([]) == nil)
  }

  @Test func whatIsNoNumberStaysNone() {
    let all = pooledLogits([[1, .nan], [0, 1]], isExclusive: true)
    #expect(all.count == 2 && all.allSatisfy(\.isNaN))
    let far = pooledLogits([[1e30, -1e30], [0, 0]], isExclusive: false)
    #expect(far.allSatisfy(\.isFinite) && abs(far[0] - 1.0986123) < 1e-5 && abs(far[1] + 1.0986123) < 1e-5)
  }

  @Test func membersOfDifferentSizesAreRefused() {
    let one = predictions(0, isSeveral: false)
    #expect(throws: EvaluationError.self) { try ClassPredictions.pooled([one, one.selecting([0, 1])]) }
  }
}
