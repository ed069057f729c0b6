import Layers
import Models
import Optimizers
import TensorEngine
import TestSupport
import Testing

/// Twenty steps of AdamW on all weights of a tower of convolutions, whose norms are by the batch's statistics: each loss
/// equals PyTorch's.
///
/// ReLU6 has two kinks. A sum in another order may carry an activation over one, and then it is another curve: with oneDNN's
/// convolutions that happens to one activation of EfficientNet's second step on two threads at AVX-512 and on one at AVX2 (5e-6 of
/// the loss, 2e-4 by step 14), while 1, 3, 4 and 8 threads follow PyTorch to 3e-7 there. So its curve is followed by the engine's own
/// convolutions; oneDNN's gradients of it are compared element by element (`ConvolutionalTowerTests`).
@Suite struct ConvolutionalCurveTests {
  @Test(arguments: SmallTower.allCases, ProductLibrary.allCases)
  func lossesEqualPyTorchs(_ kind: SmallTower, _ library: ProductLibrary) throws {
    guard kind != .efficientnet || library == .openBLAS else { return }
    let engine = Engine(threadCount: 2, products: ProductChoice(library))
    let builder = ParameterBuilder()
    let encoder = kind.description.makePictureEncoder(builder)
    let scale = builder.parameter("logit_scale", [], .constant(2.3025851))
    let arena = ParameterArena(builder) { $0 == "logit_scale" }
    arena.initialize(seed: 0)
    for slice in arena.slices where slice.name != "logit_scale" {
      _ = arena.weights(of: slice).update(from: drawnWeights(slice.name, shape: slice.shape))
    }
    let optimizer = AdamW(
      arena, AdamW.Settings(beta1: 0.9, beta2: 0.98, epsilon: 1e-6, weightDecay: 0.2), engine)
    let expected = try GoldenFile("convolutional/\(kind).safetensors").floats("losses")
    #expect(expected.count == 20)
    for (step, expected) in expected.enumerated() {
      let tape = Tape(engine, batchStatistics: BatchStatistics())
      arena.markGradientsStale()
      let images = tape.normalize(encoder(pixels(step, engine), .pooled, tape).states)
      let targets = drawn("targets", count: images.count)
      let texts = tape.normalize(engine.tensor(targets, shape: images.shape))
      let loss = tape.contrastiveLoss(
        image: images, text: texts, allImages: images, allTexts: texts, logitScale: scale.tensor, first: 0)
      #expect(difference(loss.value, expected, relative: 1e-4) == nil, "\(kind): step \(step)")
      try tape.backward(from: loss)
      arena.clearUnreachedGradients()
      optimizer.step(learningRate: 3e-4, gradientScale: 1)
    }
  }

  private func pixels(_ step: Int, _ engine: Engine) -> Tensor {
    let shape = [8, 3, SmallTower.imageSize, SmallTower.imageSize]
    return engine.tensor(drawn("pixels \(step % 4)", count: shape.reduce(1, *)), shape: shape)
  }
}
