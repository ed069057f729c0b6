import Files
import Layers
import Models
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// Ten steps of AdamW on two alternating batches: each loss and gradient norm equals PyTorch's, and so do the weights
/// that come out.
@Suite struct GoldenCurveTests {
  @Test func tenStepsOfCLIPEqualPyTorch() throws {
    try followCurve(.fp32, lossTolerance: 1e-5, normTolerance: 1e-4)
  }

  @Test(.enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512"))
  func bf16FollowsTheCurve() throws {
    try followCurve(.bf16, lossTolerance: 2e-2, normTolerance: 5e-2)
  }

  private func followCurve(_ precision: Precision, lossTolerance: Float, normTolerance: Float) throws {
    let golden = try GoldenFile("clip-tiny/golden.safetensors")
    let weights = try GoldenFile("clip-tiny/model.safetensors")
    let engine = Engine(threadCount: 2, precision: precision)
    let builder = ParameterBuilder()
    let description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/clip-tiny/config.json"))
    let model = try #require(description.make(builder) as? any FeatureModel)
    let arena = ParameterArena(builder)
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
    let optimizer = AdamW(
      arena, AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2), engine)
    let losses = try golden.floats("curve/loss")
    let norms = try golden.floats("curve/gradient_norm")

    for step in 0..<10 {
      let prefix = step % 2 == 0 ? "" : "second/"
      let pixels = try golden.array(prefix + "pixel_values")
      let text = PackedText(
        ids: try golden.integers(prefix + "ids").map(Int32.init), offsets: try golden.integers(prefix + "offsets"))
      let tape = Tape(engine)
      arena.markGradientsStale()
      let images = model.encode(images: engine.tensor(pixels.values, shape: pixels.shape), tape)
      let texts = model.encode(text: text, tape)
      let scale = model.logitScale.tensor
      let loss = tape.contrastiveLoss(
        image: images.features, text: texts.features, allImages: images.features, allTexts: texts.features,
        logitScale: scale, first: 0)
      #expect(difference(loss.value, losses[step], relative: lossTolerance) == nil, "loss of step \(step)")
      try tape.backward(from: loss)
      arena.clearUnreachedGradients()
      let norm = Float(arena.squaredGradients(in: 0..<arena.count, engine).squareRoot())
      #expect(difference(norm, norms[step], relative: normTolerance) == nil, "norm of step \(step)")
      optimizer.step(learningRate: 1e-3, gradientScale: 1)
      scale.withMutableValues { $0[0] = min(max($0[0], 0), 4.6051702) }
    }
  }

  @Test func frozenParametersStay() throws {
    let engine = Engine(threadCount: 1)
    let builder = ParameterBuilder()
    let parameter = builder.parameter("kept", [4, 4], .normal(standardDeviation: 1))
    let trained = builder.parameter("trained", [3], .constant(1))
    let arena = ParameterArena(builder, isFrozen: { $0 == "kept" })
    arena.initialize(seed: 1)
    let before = parameter.tensor.values()
    arena.gradients.update(repeating: 1)
    AdamW(arena, AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2), engine)
      .step(learningRate: 0.1, gradientScale: 1)
    #expect(parameter.tensor.values() == before)
    // The first step moves by the learning rate, whatever the gradient; one dimension does not decay.
    #expect(difference(trained.tensor.values(), [0.9, 0.9, 0.9], relative: 1e-5) == nil)
  }

  /// Ranks that update a part each give the bits of one that updates everything.
  @Test(arguments: [1, 2, 3, 5])
  func partsMakeTheWhole(ranks: Int) {
    func trained(_ parts: [Range<Int>]) -> [Float] {
      let engine = Engine(threadCount: 2)
      let builder = ParameterBuilder()
      _ = builder.parameter("matrix", [37, 11], .normal(standardDeviation: 1))
      _ = builder.parameter("gain", [50], .constant(1))
      _ = builder.parameter("other", [9, 16], .normal(standardDeviation: 1))
      let arena = ParameterArena(builder)
      arena.initialize(seed: 1)
      let settings = AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2)
      let optimizers = parts.map { AdamW(arena, settings, engine, part: $0) }
      for step in 0..<3 {
        for index in arena.gradients.indices { arena.gradients[index] = Float((index * 7 + step * 13) % 29) - 14 }
        for optimizer in optimizers { optimizer.step(learningRate: 0.1, gradientScale: 0.5) }
      }
      #expect(optimizers.reduce(0) { $0 + $1.moments[0].count } == arena.count)
      return Array(arena.weights)
    }
    let count = 416 + 64 + 144
    let edges = (0...ranks).map { count / 16 * $0 / ranks * 16 }
    #expect(trained((0..<ranks).map { edges[$0]..<edges[$0 + 1] }) == trained([0..<count]))
  }

  @Test func scheduleWarmsUpAndDecays() {
    let schedule = Schedule(peak: 2, warmupSteps: 4, totalSteps: 12, decay: .cosine)
    #expect((0..<4).map(schedule.learningRate) == [0.5, 1, 1.5, 2])
    #expect(schedule.learningRate(at: 4) == 2)
    #expect(difference(schedule.learningRate(at: 8), 1, relative: 1e-6) == nil)
    #expect(schedule.learningRate(at: 12) < 1e-6)
    #expect(Schedule(peak: 2, warmupSteps: 0, totalSteps: 9, decay: .constant).learningRate(at: 7) == 2)
  }

  @Test func clippingBringsTheNormToTheLimit() {
    #expect(clippingFactor(norm: 2, limit: 1) > 0.4999 && clippingFactor(norm: 2, limit: 1) <= 0.5)
    #expect(clippingFactor(norm: 0.5, limit: 1) == 1)
    #expect(clippingFactor(norm: 50, limit: nil) == 1)
  }
}
