import Files
import Layers
import Models
import Objectives
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// Masked words with the image beside, against PyTorch: logits, loss, every gradient, and thirty steps of training.
@Suite struct MaskedTextCurveTests {
  private let golden: GoldenFile
  private let engine = Engine(threadCount: 2)
  private let model: any MaskedTextModel
  private let head: MaskedTextHead
  private let arena: ParameterArena

  init() throws {
    golden = try GoldenFile("masked-text-tiny/golden.safetensors")
    let weights = try GoldenFile("masked-text-tiny/model.safetensors")
    let description = try ModelCatalogue.description(
      json: readFile("\(goldenDirectory)/masked-text-tiny/config.json"))
    #expect(try ModelCatalogue.description(json: description.json()).isEqual(to: description))
    let builder = ParameterBuilder()
    model = try #require(description.make(builder) as? any MaskedTextModel)
    head = try #require(model.maskedTextHead)
    arena = ParameterArena(builder)
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
  }

  private func logits(_ prefix: String, _ tape: Tape) throws -> (logits: Tensor, targets: [Int32]) {
    let pixels = try golden.array(prefix + "pixel_values")
    let masked = MaskedText(
      masked: PackedText(
        ids: try golden.integers(prefix + "masked_ids").map(Int32.init),
        offsets: try golden.integers(prefix + "offsets")),
      rows: try golden.integers(prefix + "masked_rows"),
      targets: try golden.integers(prefix + "targets").map(Int32.init))
    let images = model.imageEncoder(ImageInput(engine.tensor(pixels.values, shape: pixels.shape)), .all, tape)
    return (model.logits(of: masked, images, head, tape), masked.targets)
  }

  @Test func logitsAndGradientsEqualPyTorch() throws {
    let tape = Tape(engine)
    let (logits, targets) = try logits("", tape)
    expect(logits.values(), try golden.floats("masked_logits"), 5e-6, "masked_logits")
    let loss = tape.crossEntropy(logits, targets: targets, count: targets.count)
    expect([loss.value], try golden.floats("loss"), 2e-6, "loss")
    arena.markGradientsStale()
    try tape.backward(from: loss)
    arena.clearUnreachedGradients()
    for slice in arena.slices {
      let floor: Float = slice.name.hasSuffix("k_proj.bias") ? 1e-6 : 1e-8
      let expected = try golden.floats("gradient/\(slice.name)")
      expect(Array(arena.gradients(of: slice)), expected, 2e-5, slice.name, floor: floor)
    }
  }

  @Test func thirtyStepsEqualPyTorch() throws {
    let optimizer = AdamW(
      arena, AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2), engine)
    let losses = try golden.floats("curve/loss")
    var worst: Float = 0
    for step in 0..<30 {
      let tape = Tape(engine)
      arena.markGradientsStale()
      let (logits, targets) = try logits(step % 2 == 0 ? "" : "second/", tape)
      let loss = tape.crossEntropy(logits, targets: targets, count: targets.count)
      worst = max(worst, abs(loss.value - losses[step]) / losses[step])
      try tape.backward(from: loss)
      arena.clearUnreachedGradients()
      optimizer.step(learningRate: 1e-3, gradientScale: 1)
    }
    print("masked text, thirty steps: losses within \(worst) of PyTorch's, from \(losses[0]) to \(losses[29])")
    #expect(worst < 1e-4)
  }

  private func expect(
    _ actual: [Float], _ expected: [Float], _ tolerance: Float, _ name: String, floor: Float = 1e-8
  ) {
    let report = difference(actual, expected, relative: tolerance, floor: floor, scale: .largest)
    #expect(report == nil, "\(name)")
  }
}
