import Collectives
import Files
import Foundation
import Models
import Objectives
import TestSupport
import Testing

/// What methods of balance decide, beside what PyTorch finds (Tests/Golden/balance.py).
@Suite struct BalanceTests {
  private struct Golden: Decodable {
    struct Step: Decodable {
      let scores: [Double]
      let factors: [Double]
      let pareto: [Pair]
    }
    struct Pair: Decodable {
      let joint: [Double]
      let own: [Double]
      let combined: [Double]
    }
    let alpha: Double
    let steps: [Step]
  }

  private let golden: Golden

  init() throws {
    golden = try JSONDecoder().decode(Golden.self, from: Data(readFile(goldenDirectory + "/balance.json")))
  }

  private static func settings(_ change: (inout BalanceSettings) -> Void) -> BalanceSettings {
    var settings = BalanceSettings()
    change(&settings)
    return settings
  }

  @Test func gradientsAreHeldBackAsOGMDoes() throws {
    let method = GradientModulation(Self.settings { $0.alpha = golden.alpha })
    for step in golden.steps {
      let factors = try #require(method.factors(step.scores))
      #expect(difference(factors, step.factors, relative: 1e-12) == nil, "\(factors), \(step.factors)")
    }
    // At ρ = 1 nothing is held back, and beside it much at once.
    #expect(method.factors([0.5, 0.5]) == [1, 1])
    #expect(try #require(method.factors([0.5, 0.4999999]))[0] < 0.34)
    // Of three the mean of the others counts.
    let three = try #require(method.factors([0.6, 0.3, 0.3]))
    #expect(abs(three[0] - (1 - tanh(golden.alpha * 2))) < 1e-12 && three[1...] == [1, 1])
  }

  @Test func twoGradientsAreBroughtTogetherAsMMParetoDoes() {
    var conflicts = 0
    for pair in golden.steps.flatMap(\.pareto) {
      let product = { (a: [Double], b: [Double]) in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      let (joint, own, both) = (
        product(pair.joint, pair.joint), product(pair.own, pair.own), product(pair.joint, pair.own)
      )
      let weights = ParetoGradients.weights(joint: joint, own: own, product: both)
      let combined = zip(pair.joint, pair.own).map { weights.joint * $0 + weights.own * $1 }
      #expect(difference(combined, pair.combined, relative: 1e-9, floor: 1e-12) == nil)
      let plain = (joint + own + 2 * both).squareRoot()
      #expect(abs(product(combined, combined).squareRoot() - 1.5 * plain) < 1e-9 * plain)
      // Neither of the two losses is made worse.
      #expect(product(combined, pair.joint) > -1e-12 && product(combined, pair.own) > -1e-12)
      if both < 0 { conflicts += 1 }
    }
    #expect(conflicts == 5)
    #expect(
      ParetoGradients.weights(joint: 1, own: 1, product: -1) == (0, 0), "nothing is left of two that undo each other")
    #expect(ParetoGradients.weights(joint: 0, own: 4, product: 0) == (1.5, 1.5))
  }

  // MARK: Hiding

  @Test func whatIsAheadIsHidden() throws {
    let method = HiddenModalities(Self.settings { ($0.alpha, $0.rate) = (0.5, 0.4) })
    let rates = try #require(method.hiding([0.6, 0.3]))
    #expect(abs(rates[0] - 0.4 * (1 + 0.5 * tanh(1))) < 1e-12 && rates[1] == 0)
    #expect(method.hiding([0.5, 0.5]) == [0, 0])
    let all = try #require(HiddenModalities(Self.settings { ($0.alpha, $0.rate) = (10, 1) }).hiding([0.9, 0.1]))
    #expect(all == [1, 0])
  }

  /// Of 4,000 samples as many as the rate says, never all that a sample has, and the same whoever asks.
  @Test func drawsKeepToTheRate() throws {
    func balance(_ scores: [Double], rate: Double, share: Double = 1) throws -> ModalityBalance {
      let settings = Self.settings { ($0.method, $0.rate, $0.share, $0.alpha) = (.dropout, rate, share, 1e-9) }
      let made = ModalityBalance(settings, Modality.allCases.prefix(2).map(\.self), seed: 7)
      #expect(made.hidden(present: [true, true], sample: 1, epoch: 0, step: 0) == [false, false], "nothing is known")
      #expect(
        made.takeUp(
          try JSONDecoder().decode(
            BalanceState.self,
            from: Data(#"{"modalities":\#(made.state.modalities),"scores":\#(scores)}"#.utf8))))
      return made
    }
    let ahead = try balance([0.8, 0.2], rate: 0.3)
    let hidden = (0..<4000).map { ahead.hidden(present: [true, true], sample: UInt64($0), epoch: 0, step: 3) }
    let share = Double(hidden.count { $0[0] }) / 4000
    #expect(abs(share - 0.3) < 0.03 && hidden.allSatisfy { !$0[1] }, "\(share)")
    let other = try balance([0.8, 0.2], rate: 0.3)
    #expect(hidden == (0..<4000).map { other.hidden(present: [true, true], sample: UInt64($0), epoch: 0, step: 3) })
    #expect(hidden != (0..<4000).map { other.hidden(present: [true, true], sample: UInt64($0), epoch: 1, step: 3) })
    let always = try balance([0.8, 0.2], rate: 1)
    #expect(always.hidden(present: [true, true], sample: 5, epoch: 0, step: 0) == [true, false])
    #expect(always.hidden(present: [true, false], sample: 5, epoch: 0, step: 0) == [false, false], "all it has")
    let seldom = try balance([0.8, 0.2], rate: 1, share: 0.5)
    let steps = (0..<400).count { seldom.hidden(present: [true, true], sample: 5, epoch: 0, step: $0)[0] }
    #expect((160...240).contains(steps), "\(steps)")
  }

  // MARK: Scores

  /// Figures are those of all ranks together, a step that is computed again changes nothing, and a running score moves by a tenth.
  @Test func scoresAreOfAllRanks() throws {
    let told = try InProcessCommunicator.run(ranks: 2) { communicator in
      let balance = ModalityBalance(
        Self.settings { $0.measures = true }, Modality.allCases.prefix(2).map(\.self), seed: 0)
      var own = [ModalitySums(), ModalitySums()]
      // The second rank has nobody's second modality.
      own[0] = Self.sums(count: 3, loss: 6, probability: communicator.rank == 0 ? 0.6 : 2.4)
      if communicator.rank == 0 { own[1] = Self.sums(count: 2, loss: 1, probability: 1) }
      let masses = try balance.take(own, communicator)
      #expect(masses == [6, 2] && balance.state.scores == [nil, nil])
      _ = try balance.take(own, communicator)
      balance.accept()
      #expect(balance.state.scores == [0.5, 0.5])
      own[0].probability *= 2
      _ = try balance.take(own, communicator)
      balance.accept()
      return (balance.state.scores.compactMap(\.self), balance.lastStep)
    }
    for (scores, step) in told {
      #expect(difference(scores, [0.55, 0.5], relative: 1e-12) == nil)
      #expect(step.map(\.count) == [6, 2] && step[0].loss == 2 && step[1].loss == 0.5 && step[0].score == 1)
    }
  }

  private static func sums(count: Double, loss: Double, probability: Double) -> ModalitySums {
    var sums = ModalitySums()
    (sums.count, sums.mass, sums.loss, sums.probability) = (count, count, loss, probability)
    return sums
  }

  @Test func eachMethodIsListedOnce() {
    #expect(BalanceMethods.all.map { $0.method } == BalanceSettings.Method.allCases)
    #expect(Set(BalanceMethods.all.flatMap { $0.keys }).allSatisfy { $0.hasPrefix("balance.") })
  }

  @Test func weightsAreRead() throws {
    #expect(try #require(BalanceSettings.weight("image=0.5")).value == 0.5)
    for text in ["image", "image=", "image=x", "image=-1", "image=1=2", "image=inf"] {
      #expect(BalanceSettings.weight(text) == nil, "\(text)")
    }
  }
}
