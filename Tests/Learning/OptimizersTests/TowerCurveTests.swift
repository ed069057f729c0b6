import Layers
import Models
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// Twenty steps of AdamW on a tower of which nothing is locked: each loss equals PyTorch's.
@Suite struct TowerCurveTests {
  @Test(arguments: [TextPooling.pooler, .mean])
  func twentyStepsOfBERTEqualPyTorch(_ pooling: TextPooling) throws {
    var description = try BERTConfiguration(towerSettings("bert-tiny"))
    description.pooling = pooling
    let golden = try GoldenTower(
      "bert-tiny/golden.safetensors", weights: "bert-tiny/model.safetensors", description.makeEncoder)
    let texts = try golden.texts()
    try follow("curve/\(pooling.rawValue)", golden) { golden.encoder.pooled(golden.encoder(texts, .pooled, $0), $0) }
  }

  @Test func twentyStepsOfViTEqualPyTorch() throws {
    let golden = try GoldenTower(
      "vit-tiny/golden.safetensors", weights: "vit-tiny/model.safetensors",
      ViTConfiguration(towerSettings("vit-tiny")).makePictureEncoder)
    let pixels = try golden.pixels()
    try follow("curve", golden) { golden.encoder.pooled(golden.encoder(pixels, .pooled, $0), $0) }
  }

  /// As `CLIPVisionModel` and `CLIPTextModelWithProjection` hold them.
  @Test func twentyStepsOfCLIPsTowersEqualPyTorch() throws {
    let whole = try towerSettings("clip-tiny")
    let (golden, weights) = ("clip-tiny/curves.safetensors", "clip-tiny/model.safetensors")
    let vision = try GoldenTower(
      golden, weights: weights, prefix: "vision_model.", CLIPVisionConfiguration(whole).makePictureEncoder)
    let pixels = try vision.pixels()
    try follow("curve/image", vision) { vision.encoder.pooled(vision.encoder(pixels, .pooled, $0), $0) }
    let text = try GoldenTower(
      golden, weights: weights, prefix: "text_model.", CLIPTextConfiguration(whole).makeEncoder)
    let texts = try text.texts()
    try follow("curve/text", text) { text.encoder.pooled(text.encoder(texts, .pooled, $0), $0) }
  }

  private func follow<Encoder>(
    _ curve: String, _ golden: GoldenTower<Encoder>, _ features: (Tape) -> Tensor
  ) throws {
    let settings = AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2)
    let optimizer = AdamW(golden.arena, settings, golden.engine)
    let losses = try golden.file.floats(curve)
    #expect(losses.count == 20 && losses[19] < 0.9 * losses[0])
    for (step, expected) in losses.enumerated() {
      let tape = Tape(golden.engine)
      golden.arena.markGradientsStale()
      let loss = try golden.loss(features(tape), tape)
      #expect(difference(loss.value, expected, relative: 1e-5, floor: 1e-7) == nil, "step \(step)")
      try tape.backward(from: loss)
      golden.arena.clearUnreachedGradients()
      optimizer.step(learningRate: 1e-3, gradientScale: 1)
    }
  }
}
