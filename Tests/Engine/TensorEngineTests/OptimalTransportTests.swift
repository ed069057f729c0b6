import TensorEngine
import TestSupport
import Testing

/// The transport between tokens and regions. It has no place among the finite differences: its plan is a constant for the
/// gradient, and moves with the costs.
@Suite struct OptimalTransportTests {
  @Test(arguments: [1, 3])
  func equalsPyTorch(threads: Int) throws {
    let golden = GoldenCase(file: try GoldenFile("targets.safetensors"), name: "transport")
    let engine = Engine(threadCount: threads)
    let tape = Tape(engine)
    let (texts, images) = (try golden.tensor("texts", engine), try golden.tensor("images", engine))
    let (distances, plans) = tape.transportDistances(
      texts, textOffsets: try golden.integers("text_offsets"), images,
      imageOffsets: try golden.integers("image_offsets"))
    expectEqual(distances.values(), try golden.floats("y"), 2e-6)
    expectEqual(plans.flatMap { $0 }, try golden.floats("plans"), 5e-6)
    try tape.backward(from: [(distances, golden.tensor("dy", engine, requiresGradient: false))])
    expectEqual(texts.gradientValues(), try golden.floats("dtexts"), 5e-6)
    expectEqual(images.gradientValues(), try golden.floats("dimages"), 5e-6)
  }

  /// Whatever the costs, a plan carries 1/n away from each token.
  @Test func rowsOfAPlanAreShares() throws {
    let golden = GoldenCase(file: try GoldenFile("targets.safetensors"), name: "transport")
    let engine = Engine(threadCount: 1)
    let (_, plans) = Tape(engine, recording: false).transportDistances(
      try golden.tensor("texts", engine), textOffsets: try golden.integers("text_offsets"),
      try golden.tensor("images", engine), imageOffsets: try golden.integers("image_offsets"))
    for (plan, (n, m)) in zip(plans, [(4, 3), (1, 7), (9, 5)]) {
      #expect(plan.count == n * m)
      for row in 0..<n { #expect(abs(plan[row * m..<(row + 1) * m].reduce(0, +) - 1 / Float(n)) < 1e-6) }
    }
  }

  private func expectEqual(_ actual: [Float], _ expected: [Float], _ tolerance: Float) {
    #expect(difference(actual, expected, relative: tolerance, floor: 1e-7, scale: .largest) == nil)
  }
}
