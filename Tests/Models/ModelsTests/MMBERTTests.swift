import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// What MMBERT is beside the numbers of its golden (CaseTests): sizes, files, stages.
@Suite struct MMBERTTests {
  private func request(
    _ network: (any PictureTowerDescription)? = smallResNet(.basic), stages: Int? = nil, encoder: String? = nil
  ) -> ModelRequest {
    var towers = FoundTowers()
    towers.picture = network
    return smallRequest("mmbert", towers: towers) { settings in
      settings.vision = VisionSettings(imageSize: 48, patchSize: 8, width: 12, layers: 1, heads: 2)
      settings.text = TextSettings(contextLength: 8, width: 12, layers: 2, heads: 3)
      (settings.vision.stages, settings.vision.encoder) = (stages, encoder)
    }
  }

  @Test(arguments: [3, 4, 5]) func filesAreReadAsTheyAreWritten(_ stages: Int) throws {
    let made = try MMBERTConfiguration(request(stages: stages), from: nil)
    #expect(made.flaw == nil && made.images == .pictures(side: 44))
    #expect(try MMBERTConfiguration(written(made)) == made)
    let told = try #require(made.with([.regionFeatures, .regionPixels]) as? MMBERTConfiguration)
    #expect(told != made && made.with(.regionClasses) == nil)
    #expect(try MMBERTConfiguration(written(told)) == told)
    #expect(made.with(.features) == nil && made.with(.maskedTextHead) == made && made.with(.matchingHead) == made)
    let builder = ParameterBuilder()
    let model = made.make(builder)
    let names = builder.parameters.flatMap(\.slices).map { (name: $0.name, shape: $0.shape) }
    #expect(ModelCatalogue.guess(names) == "mmbert")
    #expect(names.filter { $0.name.hasPrefix("visual_tokens.projections.") }.count == stages)
    withExtendedLifetime(model) {}
  }

  /// The body of the published size: four layers of 12 W² + 13 W numbers, BERT's embeddings, five 1×1 convolutions of a ResNet-152.
  @Test func publishedSizes() throws {
    let sizes = Dictionary(uniqueKeysWithValues: MMBERTConfiguration.publishedSizes.map { ($0.key, $0.size) })
    let width = try #require(sizes["model.text.width"])
    let layers = try #require(sizes["model.text.layers"])
    #expect(layers * (12 * width * width + 13 * width) == 28_351_488)
    #expect(
      try MMBERTConfiguration(request(nil, encoder: "resnet152"), from: nil).vision.stageWidths
        == [64, 256, 512, 1024, 2048])
    #expect(
      try MMBERTConfiguration(request(nil, encoder: "efficientnet-lite0"), from: nil).vision.stageWidths
        == [16, 24, 40, 112, 320])
  }

  @Test func whatCannotBeIsToldOf() throws {
    func refusal(_ request: ModelRequest) -> String {
      let error = #expect(throws: ModelRequestError.self) { try MMBERTConfiguration(request, from: nil) }
      return error.map { $0.key + ": " + $0.problem } ?? ""
    }
    #expect(refusal(request(ViTConfiguration())).hasPrefix("initialize.vision: ViT has no stages of convolutions"))
    #expect(refusal(request(nil, encoder: "patches")).hasPrefix("model.vision.encoder: patches alone has no stages"))
    var shallow = smallResNet(.basic)
    (shallow.depths, shallow.widths) = ([1, 1, 1], [8, 12, 16])
    #expect(refusal(request(shallow, stages: 5)).hasPrefix("model.vision.stages: 5 stages, and the network has 4"))
    #expect(try MMBERTConfiguration(request(shallow), from: nil).flaw == nil)
    (shallow.depths, shallow.widths) = ([1], [8])
    #expect(try MMBERTConfiguration(request(shallow), from: nil).flaw?.contains("2 stages of the network") == true)
    let json = try String(decoding: MMBERTConfiguration(request(), from: nil).json(), as: UTF8.self)
    let read = try ModelCatalogue.description(
      json: Array(json.replacing(#""vision_stages" : 5"#, with: #""vision_stages" : 6"#).utf8))
    #expect(read.flaw?.contains("6 stages") == true)
  }

  static let networks: [any StagedTowerDescription] =
    SmallTower.allCases.compactMap { $0.description as? any StagedTowerDescription } + [
      FastViTDescription(smallFastViT)
    ]

  @Test(arguments: networks.indices) func theGradientIsTheSlope(_ network: Int) throws {
    let made = try MMBERTConfiguration(request(Self.networks[network], stages: 3), from: nil)
    #expect(try ModelSlope(made, kernels: 0.5).difference() < 5e-3)
  }

  /// For inference norms become part of the convolutions.
  @Test(arguments: networks.indices) func normsAreFolded(_ network: Int) throws {
    let made = try MMBERTConfiguration(request(Self.networks[network], stages: 3), from: nil)
    let (engine, builder) = (Engine(threadCount: 1), ParameterBuilder())
    let model = made.make(builder)
    let arena = ParameterArena(builder) { _ in true }
    arena.draw()
    let fastest = model.fastest(arena)
    #expect(arena.slices.contains { $0.name.hasSuffix("running_var") })
    #expect(!fastest.arena.slices.contains { $0.name.hasSuffix("running_var") })
    let logits = try [model, fastest.model].map { model in
      let model = try #require(model as? any MatchingModel)
      let tape = Tape(engine, recording: false)
      let images = engine.images(1, of: made.images) { _, values in
        for place in values.indices { values[place] = Float(place * 37 % 101) / 50 - 1 }
      }
      let joint = model.join(
        model.imageEncoder(images, .all, tape), model.textEncoder(PackedText([[1, 7, 2]]), .all, tape),
        [ImageTextPair(image: 0, text: 0)], tape)
      return model.match(joint, tape).values()
    }
    #expect(difference(logits[1], logits[0], relative: 2e-5, scale: .largest) == nil, "\(logits)")
  }

  /// A map of each size that the network makes of a picture; the last of a ResNet is the tower's own.
  @Test(arguments: [
    (SmallTower.basic, [22, 11, 6, 3, 2]), (.bottleneck, [22, 11, 6, 3, 2]), (.efficientnet, [22, 11, 6]),
  ]) func mapsAreOfEachStage(_ kind: SmallTower, _ sides: [Int]) throws {
    let (engine, builder) = (Engine(threadCount: 1), ParameterBuilder())
    let description = try #require(kind.description as? any StagedTowerDescription)
    let encoder = try #require(description.makeEncoder(builder) as? any StagedEncoder)
    let arena = ParameterArena(builder)
    arena.draw()
    let pixels = engine.tensor(drawn("pixels", count: 3 * 44 * 44), shape: [1, 3, 44, 44])
    let tape = Tape(engine, recording: false)
    let maps = encoder.maps(of: pixels, tape)
    #expect(maps.map(\.shape) == zip(sides, description.stageWidths).map { [1, $0, $0, $1] })
    guard kind != .efficientnet else { return }
    #expect(maps.last?.values() == encoder(pixels, .all, tape).states.values())
  }
}
