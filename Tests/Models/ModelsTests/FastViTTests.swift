import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// MobileCLIP's image tower by itself: what it makes is compared with open_clip's in MobileCLIPTests, and here with MobileCLIP's.
@Suite struct FastViTTests {
  private let engine = Engine(threadCount: 2)
  private let description = FastViTDescription(smallFastViT)

  private func pixels(_ count: Int = 2) -> Tensor {
    engine.tensor(drawn("pixels", count: count * 3 * 56 * 56), shape: [count, 3, 56, 56])
  }

  private func made(_ description: any ModelDescription) throws -> (model: any FeatureModel, arena: ParameterArena) {
    let builder = ParameterBuilder()
    let model = try #require(description.make(builder) as? any FeatureModel)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 6)
    return (model, arena)
  }

  private var pair: DualEncoderConfiguration {
    DualEncoderConfiguration(
      description, WordDescription(vocabularySize: 20, positions: 8, width: 8), embeddingWidth: 8)
  }

  /// The same bits: its tower's weights are MobileCLIP's, and so is the mean over all cells.
  @Test func theTowerIsMobileCLIPs() throws {
    var sizes = MobileCLIPConfiguration()
    (sizes.vision, sizes.text.vocabularySize, sizes.text.endToken) = (smallFastViT, 20, 2)
    let (whole, weights) = try made(sizes)
    let builder = ParameterBuilder()
    let encoder = description.makePictureEncoder(builder)
    let arena = ParameterArena(builder)
    let theirs = Dictionary(uniqueKeysWithValues: weights.slices.map { ($0.name, $0) })
    for slice in arena.slices {
      let name = "visual.trunk." + slice.name
      _ = arena.weights(of: slice).update(from: weights.weights(of: try #require(theirs[name], "\(name)")))
    }
    let tape = Tape(engine, recording: false)
    let all = encoder(pixels(), .all, tape)
    #expect(all.offsets == [0, description.tokens, 2 * description.tokens] && description.grid.rows == 2)
    let pooled = whole.imageEncoder(ImageInput(pixels()), .pooled, tape).states.values()
    #expect(all.pooled(tape).values() == pooled && pooled.contains { $0 != 0 })
    let maps = (encoder as? any StagedEncoder)?.maps(of: pixels(), tape) ?? []
    #expect(maps.map(\.shape) == zip([14, 7, 4, 2], [8, 8, 16, 32]).map { [2, $0, $0, $1] })
  }

  /// Without its branches and norms it makes the same up to rounding.
  @Test func itIsFoldedForInference() throws {
    let (model, arena) = try made(pair)
    let fast = model.fastest(arena)
    #expect(fast.arena.slices.count < arena.slices.count)
    let tape = Tape(engine, recording: false)
    let features = try [model, fast.model].map {
      try #require($0 as? any FeatureModel).features(images: ImageInput(pixels()), tape).values()
    }
    #expect(difference(features[1], features[0], relative: 1e-5, scale: .largest) == nil)
    #expect(features[0] != features[1])
  }

  @Test func filesAreReadAsTheyAreWritten() throws {
    #expect(try FastViTDescription(written(description)) == description)
    let timm = try FastViTDescription(written(["architecture": "fastvit_mci2"]))
    #expect(timm.sizes == MobileCLIPConfiguration.s2.vision && timm.width == 1280 && timm.grid.count == 64)
    var torn = description
    torn.sizes.imageSize = 64
    #expect(throws: SettingsError.self) { try FastViTDescription(written(torn)) }
    #expect(try FastViTDescription.claims(written(["architecture": "fastvit_mci1"])))
    #expect(try !FastViTDescription.claims(written(["architecture": "fastvit_t8"])))
  }
}
