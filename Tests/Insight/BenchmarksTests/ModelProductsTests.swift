import Benchmarks
import Models
import TensorEngine
import Testing

@Suite struct ModelProductsTests {
  /// open_clip's profile gives 14.78 GFLOP for a pair forward through ViT-B/32, captions padded to 77.
  @Test func aPairOfViTB32CostsWhatIsPublished() {
    let model = CLIPConfiguration()
    let step = model.operations(BatchShapes(textLengths: [77], globalBatch: 1, isJoining: true))
    #expect(abs(step / 3 - 14.78e9) < 0.15e9, "\(step / 3)")
  }

  /// Leaving the last blocks' other tokens out saves a projection and a perceptron of each tower's last block.
  @Test func pooledTokensSaveMostOfTheLastBlocks() {
    let model = CLIPConfiguration()
    let lengths = [20, 10, 15, 19]
    let all = model.operations(BatchShapes(textLengths: lengths, globalBatch: 4, isJoining: true))
    let pooled = model.operations(BatchShapes(textLengths: lengths, globalBatch: 4, isJoining: false))
    let saved = 3 * 2 * 9.0 * (Double(4 * 49) * 768 * 768 + Double(64 - 4) * 512 * 512)
    #expect(abs(all - pooled - saved) < 1e-6 * saved)
  }

  /// The listed products of all layers are the model's operations but for attention, embeddings and projections.
  @Test func theListHoldsTheLinearLayers() {
    let model = CLIPConfiguration()
    let listed = products(of: model, batch: 8, captionTokens: 16).reduce(0.0) { $0 + Double($1.shape.operations) }
    let shapes = BatchShapes(textLengths: .init(repeating: 16, count: 8), globalBatch: 8, isJoining: true)
    let step = model.operations(shapes)
    #expect(12 * listed < step && 12 * listed > 0.94 * step, "\(12 * listed) of \(step)")
  }

  @Test(arguments: Precision.allCases.filter(\.isSupported))
  func everyProductRuns(precision: Precision) {
    let engine = Engine(threadCount: 2, precision: precision)
    var sizes = CLIPConfiguration()
    (sizes.vision.width, sizes.vision.intermediate, sizes.text.width, sizes.text.intermediate) = (32, 64, 16, 48)
    for product in products(of: sizes, batch: 2, captionTokens: 5) {
      #expect(engine.measure(product.shape, repetitions: 1) > 0, "\(product.name)")
    }
  }
}
