import Randomness
import TensorEngine
import TestSupport
import Testing

/// Losses of single rows, which a caller weighs: by the losses of all rows, and by differences.
@Suite struct RowLossTests {
  private let engine = Engine(threadCount: 1)

  private enum Kind: CaseIterable { case classes, answers, boxes }

  private func numbers(_ count: Int, _ seed: UInt64) -> [Float] {
    var random = RandomStream(seed: seed, 7)
    return (0..<count).map { _ in random.uniform() }
  }

  private func rows(_ kind: Kind, _ x: Tensor, _ targets: Tensor, _ tape: Tape) -> Tensor {
    switch kind {
    case .classes: tape.crossEntropyOfRows(x, targets: targets)
    case .answers: tape.binaryCrossEntropyOfRows(x, targets: targets, positiveWeights: [1, 2, 0.5, 3])
    case .boxes: tape.boxLossOfRows(x, targets: targets, weights: (5, 2))
    }
  }

  private func all(_ kind: Kind, _ x: Tensor, _ targets: Tensor, _ tape: Tape) -> Tensor {
    switch kind {
    case .classes: tape.crossEntropy(x, targets: targets, divisor: 7)
    case .answers: tape.binaryCrossEntropy(x, targets: targets, positiveWeights: [1, 2, 0.5, 3], divisor: 7)
    case .boxes: tape.boxLoss(x, targets: targets, weights: (5, 2), count: 7)
    }
  }

  private func loss(
    _ values: [Float], _ body: (Tensor, Tensor, Tape) -> Tensor
  ) throws -> (value: Float, gradient: [Float]) {
    let tape = Tape(engine)
    let x = engine.tensor(values, shape: [5, 4], requiresGradient: true)
    let loss = body(x, engine.tensor(numbers(20, 2), shape: [5, 4]), tape)
    try tape.backward(from: loss)
    return (loss.value, try #require(x.gradient).values())
  }

  @Test func rowsOfOneWeightAreTheWhole() throws {
    for kind in Kind.allCases {
      let weighed = try loss(numbers(20, 1)) {
        $2.weightedSum(rows(kind, $0, $1, $2), weights: [Float](repeating: 1 / 7, count: 5))
      }
      let whole = try loss(numbers(20, 1)) { all(kind, $0, $1, $2) }
      #expect(difference([weighed.value], [whole.value], relative: 1e-6) == nil, "\(kind)")
      #expect(difference(weighed.gradient, whole.gradient, relative: 1e-6, scale: .largest) == nil, "\(kind)")
    }
  }

  @Test func theGradientIsTheSlope() throws {
    let weights: [Float] = [0.5, 0, 2, 1, -1]
    for kind in Kind.allCases {
      let value = { (values: [Float]) in
        try loss(values) { $2.weightedSum(rows(kind, $0, $1, $2), weights: weights) }
      }
      let (values, step) = (numbers(20, 1), Float(1e-3))
      let gradient = try value(values).gradient
      for place in values.indices {
        var (above, below) = (values, values)
        above[place] += step
        below[place] -= step
        let slope = (try value(above).value - value(below).value) / (2 * step)
        #expect(difference(gradient[place], slope, relative: 5e-3, floor: 5e-3) == nil, "\(kind) \(place)")
      }
      // The second row counts for nothing.
      #expect(gradient[4..<8].allSatisfy { $0 == 0 })
    }
  }

  /// Of classes by their numbers, with weights of both signs: the same as of whole rows of targets.
  @Test func numberedClassesAreWeighedAlike() throws {
    let (weights, own): ([Float], [Int32]) = ([0.5, 0, 2, 1, -1], [3, 0, 0, 2, 1])
    let oneHot = own.flatMap { own -> [Float] in (0..<4).map { $0 == Int(own) ? 1 : 0 } }
    let numbered = try loss(numbers(20, 1)) { x, _, tape in tape.crossEntropy(x, targets: own, weights: weights) }
    let whole = try loss(numbers(20, 1)) { x, _, tape in
      tape.weightedSum(
        tape.crossEntropyOfRows(x, targets: engine.tensor(oneHot, shape: [5, 4])), weights: weights)
    }
    #expect(difference([numbered.value], [whole.value], relative: 1e-6) == nil)
    #expect(difference(numbered.gradient, whole.gradient, relative: 1e-6, scale: .largest) == nil)
    #expect(numbered.gradient[4..<8].allSatisfy { $0 == 0 } && numbered.gradient[17] > 0)
  }

  @Test func noRowsAreALegalBatch() throws {
    let tape = Tape(engine)
    let x = engine.tensor([Float](), shape: [0, 4], requiresGradient: true)
    let loss = tape.weightedSum(
      tape.crossEntropyOfRows(x, targets: engine.tensor([Float](), shape: [0, 4])), weights: [])
    try tape.backward(from: loss)
    #expect(loss.value == 0)
    #expect(tape.crossEntropy(x, targets: [], weights: []).value == 0)
  }
}
