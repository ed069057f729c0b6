import Files
import Layers
import Models
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// 24 steps of AdamW on low-rank updates alone: losses, gradients and the weights that come out equal PEFT's
/// (Tests/Golden/lora.py).
@Suite struct LowRankCurveTests {
  /// Queries and values, alpha / r.
  @Test(arguments: [false, true]) func attention(recomputes: Bool) throws {
    try follow("attention", rank: 4, scale: 8.0 / 4, recomputes: recomputes) {
      ["q_proj", "v_proj"].contains(where: $0.name.hasSuffix)
    }
  }

  /// Every linear layer, alpha / √r, and a norm that is trained whole.
  @Test func everything() throws {
    try follow("everything", rank: 3, scale: 16 / Float(3).squareRoot(), whole: "post_layernorm.") { _ in true }
  }

  private func follow(
    _ name: String, rank: Int, scale: Float, whole: String = "-", recomputes: Bool = false,
    isTarget: @escaping (LinearLayer) -> Bool
  ) throws {
    let golden = try GoldenFile("lora/curves.safetensors")
    let engine = Engine(threadCount: 2)
    let builder = ParameterBuilder(adapting: LowRankAdaptation(rank: rank, scale: scale, isTarget: isTarget))
    let description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/clip-tiny/config.json"))
    let model = try #require(description.make(builder) as? CLIP)
    let arena = ParameterArena(builder) { !LowRankParameters.own($0) && !$0.contains(whole) }
    try fill(arena, from: golden, name)
    let optimizer = AdamW(
      arena, AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2), engine)
    let (losses, norms) = (try golden.floats("\(name)/loss"), try golden.floats("\(name)/gradient_norm"))
    for step in losses.indices {
      let tape = Tape(engine, recomputesBlocks: recomputes)
      arena.markGradientsStale()
      let loss = try self.loss(of: model, step: step, tape)
      #expect(difference(loss.value, losses[step], relative: 1e-4) == nil, "loss of step \(step)")
      try tape.backward(from: loss)
      arena.clearUnreachedGradients()
      let norm = Float(arena.squaredGradients(in: 0..<arena.count, engine).squareRoot())
      #expect(difference(norm, norms[step], relative: 1e-3) == nil, "norm of step \(step)")
      if step == 3 { try expectGradients(arena, golden, name) }
      optimizer.step(learningRate: 3e-3, gradientScale: 1)
    }
  }

  private func fill(_ arena: ParameterArena, from golden: GoldenFile, _ name: String) throws {
    arena.initialize(seed: 0)
    let weights = try GoldenFile("clip-tiny/model.safetensors")
    for slice in arena.slices {
      if slice.name.hasSuffix(LowRankParameters.suffixes.a) {
        _ = arena.weights(of: slice).update(from: try golden.floats("\(name)/start/\(slice.name)"))
      } else if !LowRankParameters.own(slice.name) {
        _ = arena.weights(of: slice).update(from: try weights.floats(slice.name))
      }
    }
  }

  private func expectGradients(_ arena: ParameterArena, _ golden: GoldenFile, _ name: String) throws {
    for slice in arena.trainedSlices {
      let report = difference(
        Array(arena.gradients(of: slice)), try golden.floats("\(name)/gradient/\(slice.name)"), relative: 1e-3,
        floor: 1e-5)
      #expect(report == nil, "gradient of \(slice.name)")
    }
  }

  private func loss(of model: CLIP, step: Int, _ tape: Tape) throws -> Tensor {
    let (images, texts) = try model.goldenFeatures(step: step, tape)
    return tape.contrastiveLoss(
      image: images, text: texts, allImages: images, allTexts: texts, logitScale: model.logitScale.tensor, first: 0)
  }
}
