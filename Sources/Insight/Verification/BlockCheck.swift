internal import Layers
internal import TensorEngine

/// A pre-norm block and the norm behind it, forward and backward, at one kernel level and precision.
///
/// The largest difference of a sum, relative to the norm of its array; of arrays that are almost zero, such as the gradient
/// of the keys' bias, relative to a hundredth of the largest norm.
func blockCheck(_ goldens: VerificationGoldens, level: KernelLevel, precision: Precision) -> VerificationCheck {
  let results = try? blockResults(Engine(threadCount: 1, level: level, precision: precision))
  let largest = goldens.block.map(\.norm).max() ?? 0
  let differences = goldens.block.map { golden in
    guard let values = results?[golden.name] else { return Double.infinity }
    let difference = zip(signedSums(values), golden.sums).map { abs($0 - $1) }.reduce(0) {
      $1 > $0 || $1.isNaN ? $1 : $0
    }
    return difference.isNaN ? .infinity : difference / max(golden.norm, largest / 100)
  }
  return VerificationCheck(
    name: "block, \(precision.rawValue), \(level.rawValue)", difference: differences.max() ?? .infinity,
    limit: precision == .fp32 ? 2e-5 : 0.1, unit: "of the norm")
}

/// Sizes of the block in Tests/Golden/verify.py: two segments under a causal mask.
private let (width, offsets) = (64, [0, 16, 40])

/// The output and every gradient, by name.
private func blockResults(_ engine: Engine) throws -> [String: [Float]] {
  let builder = ParameterBuilder()
  let encoder = TransformerEncoder(
    builder, TransformerConfiguration(width: width, layers: 1, heads: 4, intermediate: 256),
    finalNorm: LayerNorm(builder, "final_norm", width: width, epsilon: 1e-5))
  let arena = ParameterArena(builder)
  fill(arena)
  let tokens = offsets[offsets.count - 1]
  func input(_ name: String, requiresGradient: Bool) -> Tensor {
    engine.tensor(
      numbers(name, count: tokens * width, scale: 1), shape: [tokens, width], requiresGradient: requiresGradient)
  }
  let tape = Tape(engine)
  let x = input("input", requiresGradient: true)
  let output = tape.float32(encoder(x, AttentionSegments(offsets: offsets, isCausal: true), tape))
  var results = ["output": output.values()]
  arena.markGradientsStale()
  try tape.backward(from: [(output, input("upstream", requiresGradient: false))])
  arena.clearUnreachedGradients()
  results["input gradient"] = x.gradientValues()
  for slice in arena.slices { results[slice.name] = Array(arena.gradients(of: slice)) }
  return results
}

private func fill(_ arena: ParameterArena) {
  for slice in arena.slices {
    // Gains lie around 1.
    let shift: Float = slice.name.contains("norm") && slice.name.hasSuffix("weight") ? 1 : 0
    let values = numbers(slice.name, count: slice.count, scale: 0.25).map { $0 + shift }
    _ = arena.weights(of: slice).update(fromContentsOf: values)
  }
}
