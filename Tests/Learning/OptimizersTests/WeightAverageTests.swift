import Layers
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// The moving average of weights against PyTorch's `AveragedModel`.
@Suite struct WeightAverageTests {
  private static let shapes = [("matrix", [9, 7]), ("gain", [21]), ("scale", [1])]

  /// Six steps with given gradients, updated and averaged in these parts of the arena.
  private func averages(_ golden: GoldenFile, parts: (Int) -> [Range<Int>], threads: Int) throws -> [[Float]] {
    let engine = Engine(threadCount: threads)
    let builder = ParameterBuilder()
    for (name, shape) in Self.shapes { _ = builder.parameter(name, shape, .constant(0)) }
    let arena = ParameterArena(builder)
    let settings = AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2)
    let optimizers = parts(arena.count).map { AdamW(arena, settings, engine, part: $0) }
    let averages = parts(arena.count).map { WeightAverage(arena, decay: 0.75, engine, part: $0) }
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try golden.floats("weights/" + slice.name)) }
    return try (0..<6).flatMap { step in
      for slice in arena.slices {
        _ = arena.gradients(of: slice).update(from: try golden.floats("gradient/\(step)/\(slice.name)"))
      }
      for optimizer in optimizers { optimizer.step(learningRate: 1e-2, gradientScale: 1) }
      for average in averages { average.update() }
      let whole = averages.flatMap { Array($0.values) }
      return arena.slices.map { Array(whole[$0.offset..<$0.offset + $0.count]) }
    }
  }

  @Test func anAverageEqualsPyTorch() throws {
    let golden = try GoldenFile("average.safetensors")
    let found = try averages(golden, parts: { [0..<$0] }, threads: 1)
    for step in 0..<6 {
      for (index, (name, _)) in Self.shapes.enumerated() {
        let expected = try golden.floats("average/\(step)/\(name)")
        #expect(
          difference(found[step * 3 + index], expected, relative: 2e-6, floor: 1e-6) == nil, "\(name) after \(step)")
      }
    }
    // Neither the last weights nor the first.
    #expect(found[15] != found[12] && found[12] != found[0])
  }

  /// Ranks that average a part each give the bits of one that averages everything.
  @Test func partsMakeTheWhole() throws {
    let golden = try GoldenFile("average.safetensors")
    let whole = try averages(golden, parts: { [0..<$0] }, threads: 2)
    #expect(try averages(golden, parts: { [0..<16, 16..<80, 80..<$0] }, threads: 1) == whole)
  }
}
