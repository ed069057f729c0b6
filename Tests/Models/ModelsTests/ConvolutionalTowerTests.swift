import Files
import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// Towers of convolutions against torchvision, timm and transformers, all of whose weights are drawn by a formula.
@Suite struct ConvolutionalTowerTests {
  @Test(arguments: SmallTower.allCases, [false, true])
  func featuresEqualTheLibrarys(_ kind: SmallTower, _ isFolded: Bool) throws {
    let tower = try DrawnTower(kind)
    let encoder = isFolded ? try tower.folded() : tower.encoder
    let tape = Tape(tower.engine, recording: false)
    let pooled = encoder(tower.pixels(), .pooled, tape)
    expect(encoder.pooled(pooled, tape).values(), try tower.golden.floats("features"), 1e-5, "features")
    let all = encoder(tower.pixels(), .all, tape)
    expect(all.states.values(), try tower.golden.floats("map"), 1e-5, "map")
    expect(encoder.pooled(all, tape).values(), try tower.golden.floats("features"), 1e-5, "features of the map")
  }

  @Test(arguments: SmallTower.allCases, ["kept", "batch"])
  func gradientsEqualTheLibrarys(_ kind: SmallTower, _ statistics: String) throws {
    let tower = try DrawnTower(kind)
    let tape = Tape(tower.engine, batchStatistics: statistics == "batch" ? BatchStatistics() : nil)
    let features = tower.encoder(tower.pixels(), .pooled, tape).states
    expect(features.values(), try tower.golden.floats("\(statistics)/features"), 2e-5, "features")
    tower.arena.markGradientsStale()
    let upstream = tower.engine.tensor(drawn("upstream", count: features.count), shape: features.shape)
    try tape.backward(from: [(features, upstream)])
    for parameter in tower.arena.parameters {
      let slice = parameter.slices[0]
      if parameter.isConstant {
        guard statistics == "batch" else { continue }
        expect(Array(tower.arena.weights(of: slice)), try tower.golden.floats("batch/\(slice.name)"), 1e-5, slice.name)
      } else {
        let expected = try tower.golden.floats("\(statistics)/gradient/\(slice.name)")
        expect(measured(tower.arena.gradients(of: slice), slice.name), expected, 1e-4, slice.name)
      }
    }
  }

  /// Of models that stand on a tower with norms, `fastest` has none, and the same features.
  @Test(arguments: SmallTower.allCases, [false, true])
  func modelsAreFoldedForInference(_ kind: SmallTower, _ isJoined: Bool) throws {
    let engine = Engine(threadCount: 2)
    var words = BERTConfiguration()
    (words.vocabularySize, words.positions, words.width, words.intermediate) = (20, 8, 16, 32)
    (words.layerCount, words.heads) = (1, 2)
    let pair = DualEncoderConfiguration(kind.description, words, embeddingWidth: 8)
    let described: any ModelDescription =
      isJoined
      ? CrossAttentionConfiguration(pair, FusionConfiguration(layers: 1, heads: 2, width: 16, direction: .both)) : pair
    let builder = ParameterBuilder()
    let model = described.make(builder)
    let arena = ParameterArena(builder)
    arena.draw()
    let fast = model.fastest(arena)
    #expect(
      fast.arena.slices.allSatisfy { !$0.name.contains("running") } && fast.arena.slices.count < arena.slices.count)
    let shape = [SmallTower.batch, 3, SmallTower.imageSize, SmallTower.imageSize]
    let pixels = engine.tensor(drawn("pixels", count: shape.reduce(1, *)), shape: shape)
    let texts = PackedText(ids: [1, 5, 7, 2, 1, 3, 2], offsets: [0, 4, 7])
    let results = try [model, fast.model].map { model in
      let model = try #require(model as? any FeatureModel)
      let tape = Tape(engine, recording: false)
      return model.features(images: ImageInput(pixels), tape).values() + model.features(texts: texts, tape).values()
    }
    expect(results[1], results[0], 1e-5, "features")
    #expect(results[0] != results[1])
  }

  /// Frozen weights below get no gradient, and those above get the same.
  @Test(arguments: SmallTower.allCases)
  func frozenBlocksLeaveTheOthersTheirGradients(_ kind: SmallTower) throws {
    let first = kind == .efficientnet ? "conv_head." : "layer4."
    let tower = try DrawnTower(kind) { !$0.hasPrefix(first) }
    let tape = Tape(tower.engine)
    let features = tower.encoder(tower.pixels(), .pooled, tape).states
    tower.arena.markGradientsStale()
    let upstream = tower.engine.tensor(drawn("upstream", count: features.count), shape: features.shape)
    try tape.backward(from: [(features, upstream)])
    for parameter in tower.arena.parameters where parameter.tensor.requiresGradient {
      let slice = parameter.slices[0]
      #expect(slice.name.hasPrefix(first))
      let expected = try tower.golden.floats("kept/gradient/\(slice.name)")
      expect(measured(tower.arena.gradients(of: slice), slice.name), expected, 1e-4, slice.name)
    }
  }

  @Test(.enabled(if: Precision.bf16.isSupported, "this processor has no AVX-512"), arguments: SmallTower.allCases)
  func bf16IsNearFP32(_ kind: SmallTower) throws {
    let tower = try DrawnTower(kind, precision: .bf16)
    for encoder in [tower.encoder, try tower.folded()] {
      let tape = Tape(tower.engine, recording: false)
      let features = encoder(tower.pixels(), .pooled, tape).states.values()
      expect(features, try tower.golden.floats("features"), 0.05, "features")
    }
  }

  /// Zeros around an image of odd size lie elsewhere.
  @Test func oddSizesArePaddedAsTensorFlowDoes() throws {
    let tower = try DrawnTower(.efficientnet)
    let tape = Tape(tower.engine, recording: false)
    let features = tower.encoder(tower.pixels(size: 37), .pooled, tape).states
    expect(features.values(), try tower.golden.floats("odd/features"), 1e-5, "features")
  }

  /// Strides elsewhere, as transformers' configuration may have them.
  @Test(arguments: [
    ("basic/first", ResNetDescription.Block.basic, true, false), ("bottleneck", .bottleneck, false, false),
    ("bottleneck/first/at_once", .bottleneck, true, true),
  ])
  func resNetsOfTransformersEqual(_ name: String, _ block: ResNetDescription.Block, _ first: Bool, _ atOnce: Bool)
    throws
  {
    let golden = try GoldenFile("convolutional/hugging-face.safetensors")
    var description = smallResNet(block)
    (description.reducesInFirstStage, description.reducesAtOnce) = (first, atOnce)
    let tower = try DrawnTower(description, golden)
    let tape = Tape(tower.engine, recording: false)
    expect(tower.encoder(tower.pixels(), .pooled, tape).states.values(), try golden.floats(name), 1e-5, name)
    let layout = PublishedLayout(tower.arena, ResNetDescription.publishedKeys[1])
    #expect(golden.metadata("layout/\(name)") == layout.digest)
  }

  @Test(arguments: [
    ("18", 11_176_512), ("34", 21_284_672), ("50", 23_508_032), ("101", 42_500_160), ("152", 58_143_808),
  ])
  func publishedResNetsHaveTorchvisionsArrays(_ size: String, _ weights: Int) throws {
    let builder = ParameterBuilder()
    let sizes = try description("{\"architecture\": \"resnet\(size)\"}")
    _ = sizes.makeEncoder(builder)
    #expect(builder.parameters.filter { !$0.isConstant }.reduce(0) { $0 + $1.count } == weights)
    let layout = PublishedLayout(builder.parameters, ResNetDescription.publishedKeys[0])
    #expect(try GoldenFile("convolutional/basic.safetensors").metadata("layout/\(size)") == layout.digest)
    #expect(TowerCatalogue.image(shapes: layout.shapes)?.description.isEqual(to: sizes) == true)
  }

  @Test func lite0HasTimmsArrays() throws {
    let builder = ParameterBuilder()
    _ = EfficientNetDescription().makeEncoder(builder)
    #expect(builder.parameters.filter { !$0.isConstant }.reduce(0) { $0 + $1.count } == 3_371_008)
    let layout = PublishedLayout(builder.parameters, EfficientNetDescription.publishedKeys[0])
    #expect(try GoldenFile("convolutional/efficientnet.safetensors").metadata("layout/lite0") == layout.digest)
    #expect(TowerCatalogue.image(shapes: layout.shapes)?.description.isEqual(to: EfficientNetDescription()) == true)
  }

  private func expect(_ actual: [Float], _ expected: [Float], _ tolerance: Float, _ name: String) {
    let report = difference(actual, expected, relative: tolerance, floor: 2e-6, scale: .largest)
    #expect(report == nil, "\(name)")
  }

  /// A gradient's product with a drawn array, and its length.
  private func measured(_ gradient: UnsafeMutableBufferPointer<Float>, _ name: String) -> [Float] {
    let along = zip(gradient, drawn("along " + name, count: gradient.count)).reduce(0.0) {
      $0 + Double($1.0) * Double($1.1)
    }
    return [Float(along), Float(gradient.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot())]
  }
}

private func description(_ json: String) throws -> any PictureTowerDescription {
  let file = try Settings(json: Array(json.utf8), file: "config.json")
  return try TowerCatalogue.picture(file)
}

/// A small tower with drawn weights.
private struct DrawnTower {
  let engine: Engine
  let golden: GoldenFile
  let encoder: any PictureEncoder
  let arena: ParameterArena

  init(_ kind: SmallTower, precision: Precision = .fp32, frozen: @escaping (String) -> Bool = { _ in false }) throws {
    let golden = try GoldenFile("convolutional/\(kind).safetensors")
    try self.init(kind.description, golden, precision: precision, frozen: frozen)
  }

  init(
    _ description: any PictureTowerDescription, _ golden: GoldenFile, precision: Precision = .fp32,
    frozen: @escaping (String) -> Bool = { _ in false }
  ) throws {
    engine = Engine(threadCount: 2, precision: precision)
    self.golden = golden
    let builder = ParameterBuilder()
    encoder = description.makePictureEncoder(builder)
    arena = ParameterArena(builder, isFrozen: frozen)
    arena.draw()
  }

  func pixels(size: Int = SmallTower.imageSize) -> Tensor {
    let shape = [SmallTower.batch, 3, size, size]
    return engine.tensor(drawn("pixels", count: shape.reduce(1, *)), shape: shape)
  }

  func folded() throws -> any PictureEncoder {
    let builder = ParameterBuilder()
    let made = try #require(encoder as? any FoldableEncoder).folded(builder)
    let arena = ParameterArena(builder)
    made.fill()
    return FoldedTower(encoder: try #require(made.encoder as? any PictureEncoder), arena: arena)
  }
}

/// Keeps the parameters of a folded encoder.
private struct FoldedTower: PictureEncoder {
  let encoder: any PictureEncoder
  let arena: ParameterArena

  var width: Int { encoder.width }
  func callAsFunction(_ pixels: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    encoder(pixels, tokens, tape)
  }
}

/// What a published file of a tower holds.
private struct PublishedLayout {
  /// The keys in the order of the parameters, with their shapes.
  let rows: [(key: String, shape: [Int])]

  init(_ parameters: [Parameter], _ keys: PublishedKeys) {
    rows = parameters.flatMap(\.slices).map { (keys.key($0.name), $0.shape) }
  }

  init(_ arena: ParameterArena, _ keys: PublishedKeys) { self.init(arena.parameters, keys) }

  /// As `layout` in convolutional.py.
  var digest: String {
    let lines = rows.map { "\($0.key) [\($0.shape.map(String.init).joined(separator: ", "))]\n" }
    let digest = StreamingSHA256()
    digest.update(Array(lines.sorted().joined().utf8))
    return digest.finish()
  }

  var shapes: [String: [Int]] { Dictionary(uniqueKeysWithValues: rows) }
}
