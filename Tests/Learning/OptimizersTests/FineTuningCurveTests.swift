import Files
import Glibc
import Layers
import Models
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// Ten steps of AdamW with frozen parameters, with a learning rate that decays from layer to layer, and with the sigmoid
/// loss: losses, gradient norms and the weights that come out equal PyTorch's with a parameter group for each parameter.
@Suite struct FineTuningCurveTests {
  private static let frozen = ["vision_model.embeddings.*", "text_model.encoder.layers.0.*", "*.bias"]

  @Test func frozenParameters() throws { try follow("frozen", frozen: Self.frozen) }

  @Test func layerDecay() throws { try follow("layer_decay", layerDecay: 0.75) }

  @Test func both() throws { try follow("both", frozen: Self.frozen, layerDecay: 0.75) }

  @Test func sigmoidLoss() throws { try follow("sigmoid", isSigmoid: true) }

  private func follow(
    _ curve: String, frozen: [String] = [], layerDecay: Double = 1, isSigmoid: Bool = false
  ) throws {
    let golden = try GoldenFile("finetuning.safetensors")
    let weights = try GoldenFile("clip-tiny/model.safetensors")
    let engine = Engine(threadCount: 2)
    var towers = try #require(
      try ModelCatalogue.description(json: readFile("\(goldenDirectory)/clip-tiny/config.json")) as? CLIPConfiguration)
    towers.initialLogitBias = isSigmoid ? -10 : nil
    let builder = ParameterBuilder()
    let model = CLIP(towers, builder)
    let arena = ParameterArena(builder) { name in frozen.contains { fnmatch($0, name, 0) == 0 } }
    arena.initialize(seed: 0)
    for slice in arena.slices where slice.name != "logit_bias" {
      _ = arena.weights(of: slice).update(from: try weights.floats(slice.name))
    }
    let optimizer = AdamW(
      arena, AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2), engine,
      rateFactor: LayerDecay(layerDecay, model.description).factor)
    let losses = try golden.floats("curve/\(curve)/loss")
    let norms = try golden.floats("curve/\(curve)/gradient_norm")
    for step in 0..<10 {
      let tape = Tape(engine)
      arena.markGradientsStale()
      let loss = try self.loss(of: model, step: step, isSigmoid: isSigmoid, tape)
      #expect(difference(loss.value, losses[step], relative: 1e-5) == nil, "\(curve): loss of step \(step)")
      try tape.backward(from: loss)
      arena.clearUnreachedGradients()
      let norm = Float(arena.squaredGradients(in: 0..<arena.count, engine).squareRoot())
      #expect(difference(norm, norms[step], relative: 1e-4) == nil, "\(curve): norm of step \(step)")
      optimizer.step(learningRate: 1e-3, gradientScale: 1)
      model.logitScale.tensor.withMutableValues { $0[0] = min(max($0[0], 0), 4.6051702) }
    }
    for slice in arena.slices {
      let expected = try golden.floats("curve/\(curve)/final/\(slice.name)")
      let report = difference(checksum(arena.weights(of: slice)), expected, relative: 1e-3, floor: 2e-3)
      #expect(report == nil, "\(curve): \(slice.name)")
    }
  }

  private func loss(of model: CLIP, step: Int, isSigmoid: Bool, _ tape: Tape) throws -> Tensor {
    let (images, texts) = try model.goldenFeatures(step: step, tape)
    let scale = model.logitScale.tensor
    if isSigmoid, let bias = model.logitBias?.tensor {
      return tape.sigmoidLoss(image: images, allTexts: texts, logitScale: scale, logitBias: bias, first: 0)
    }
    return tape.contrastiveLoss(
      image: images, text: texts, allImages: images, allTexts: texts, logitScale: scale, first: 0)
  }
}
