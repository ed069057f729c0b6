import Randomness
import TensorEngine
import TestSupport
import Testing

/// Every operation's gradient against central differences of its own forward pass: a second opinion that knows nothing
/// of PyTorch.
@Suite struct FiniteDifferenceTests {
  @Test(arguments: operationCases + convolutionCases)
  func gradientIsTheSlope(_ operation: OperationCase) throws {
    let engine = Engine(threadCount: 1)
    let golden = try operation.golden
    let values = try operation.inputs.map { try golden.floats($0) }
    let shapes = try operation.inputs.map { try golden.shape($0) }
    let directions = direction(values, isRelative: operation.stepIsRelative)

    // The slope of Σ weights · outputs along a random direction of all inputs at once.
    func total(_ step: Float) throws -> Double {
      let tape = Tape(engine, recording: false, batchStatistics: operation.usesBatch ? BatchStatistics() : nil)
      let inputs = zip(zip(values, directions), shapes).map { pair, shape in
        engine.tensor(zip(pair.0, pair.1).map { $0 + step * $1 }, shape: shape, requiresGradient: operation.usesBatch)
      }
      return try operation.apply(tape, inputs, golden).map { weigh($0.values()) }.reduce(0, +)
    }
    let step = operation.step
    let slope = (try total(step) - total(-step)) / Double(2 * step)

    let tape = Tape(engine, batchStatistics: operation.usesBatch ? BatchStatistics() : nil)
    let inputs = zip(values, shapes).map { engine.tensor($0, shape: $1, requiresGradient: true) }
    let outputs = try operation.apply(tape, inputs, golden)
    try tape.backward(from: outputs.map { ($0, engine.tensor(weights($0.count), shape: $0.shape)) })
    let expected = zip(inputs, directions).map { input, direction in
      zip(input.gradientValues(), direction).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
    }.reduce(0, +)
    #expect(difference(slope, expected, relative: 1e-2, floor: 2e-3) == nil, "\(operation.name)")
  }

  private func direction(_ values: [[Float]], isRelative: Bool) -> [[Float]] {
    values.enumerated().map { index, values in
      var random = RandomStream(seed: 1, UInt64(index))
      return values.map { random.normal() * 0.3 * (isRelative ? $0.magnitude : 1) }
    }
  }

  private func weights(_ count: Int) -> [Float] {
    var random = RandomStream(seed: 2)
    return (0..<count).map { _ in random.normal() / Float(count).squareRoot() }
  }

  private func weigh(_ values: [Float]) -> Double {
    zip(values, weights(values.count)).reduce(0) { $0 + Double($1.0) * Double($1.1) }
  }
}
