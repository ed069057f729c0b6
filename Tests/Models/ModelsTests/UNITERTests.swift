import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// What UNITER is beside the numbers of its goldens (UNITERCaseTests): sizes, files, hidden regions, what does not change a pair.
@Suite struct UNITERTests {
  private func request(
    _ stated: [String] = [], _ change: (inout ModelSettings) -> Void = { _ in }
  ) -> ModelRequest {
    smallRequest("uniter", stated: stated, change)
  }

  private func count(_ description: UNITERConfiguration) -> Int {
    let builder = ParameterBuilder()
    _ = description.make(builder)
    return builder.parameters.reduce(0) { $0 + $1.count }
  }

  /// 112,938,887 numbers of the authors' model with the heads of pre-training.
  @Test func publishedSizes() throws {
    let sizes = Dictionary(uniqueKeysWithValues: UNITERConfiguration.publishedSizes.map { ($0.key, $0.size) })
    func size(_ key: String) throws -> Int { try #require(sizes["model." + key]) }
    let text = TextSettings(
      contextLength: try size("text.context_length"), width: try size("text.width"), layers: try size("text.layers"),
      heads: try size("text.heads"), vocabularySize: try size("text.vocabulary_size"))
    let regions = RegionSettings(width: try size("regions.width"), limit: try size("regions.limit"))
    let asked = try UNITERConfiguration(
      request {
        $0.text = text
        $0.regions = regions
      }, from: nil)
    let published = asked.fitting { key in
      ["cls.predictions.bias", "feat_regress.bias", "itm_output.bias"].contains(key)
        ? [2] : key == "region_classifier.net.3.bias" ? [1601] : nil
    }
    #expect(count(published) == 112_938_887)
    // A drawn one has no classes of regions to tell.
    #expect(count(published) - count(asked) == 768 * 768 + 3 * 768 + 1601 * 769)
  }

  @Test func filesAreReadAsTheyAreWritten() throws {
    let read = try UNITERConfiguration(towerSettings("uniter-tiny"))
    #expect(read.flaw == nil && read.texts.tokenTypes == 2)
    #expect(read.images == .regions(RegionShape(width: 9, limit: 100)))
    #expect(try UNITERConfiguration(written(read)) == read)
    let tower = try UNITERConfiguration(request { $0.vision.encoder = "vit" }, from: nil)
    #expect(tower.images == .pictures(side: 16) && tower.flaw == nil)
    #expect(try UNITERConfiguration(written(tower)).images == tower.images)
    #expect(UNITERConfiguration.guess([("uniter.img_embeddings.img_linear.bias", [3])]) == "uniter")
  }

  /// Norms as TensorFlow called their arrays, and copies of tied tables.
  @Test func namesOfOldFilesAreKnown() {
    #expect(
      UNITERConfiguration.otherKeys(of: "uniter.encoder.layer.1.output.LayerNorm.weight")
        == ["uniter.encoder.layer.1.output.LayerNorm.gamma"])
    #expect(
      UNITERConfiguration.otherKeys(of: "cls.predictions.transform.LayerNorm.bias")
        == ["cls.predictions.transform.LayerNorm.beta"])
    #expect(UNITERConfiguration.otherKeys(of: "uniter.pooler.dense.weight").isEmpty)
    #expect(
      UNITERConfiguration.isDead("cls.predictions.decoder.weight") && UNITERConfiguration.isDead("feat_regress.weight"))
    #expect(!UNITERConfiguration.isDead("feat_regress.bias"))
  }

  @Test func sizesThatDoNotFitAreToldOf() throws {
    var made = try UNITERConfiguration(request { $0.text.heads = 3 }, from: nil)
    #expect(made.flaw?.contains("3 heads do not divide") == true)
    made = try UNITERConfiguration(request { $0.regions.width = 0 }, from: nil)
    #expect(made.flaw?.contains("a width of regions of 0") == true)
    #expect(made.with(.features) == nil && made.with(.matchingHead) == made)
    let error = #expect(throws: ModelRequestError.self) {
      try UNITERConfiguration(request(["model.vision.width"]), from: nil)
    }
    #expect(error?.key == "model.vision.width")
    let other = #expect(throws: ModelRequestError.self) {
      try UNITERConfiguration(request(["model.text.layers"]), from: made)
    }
    #expect(other?.key == "model.text" || other?.key == "model.name")
  }

  // MARK: What it computes

  private struct Made {
    let model: UNITERModel
    let arena: ParameterArena
    let engine = Engine(threadCount: 2)

    init(_ description: UNITERConfiguration) throws {
      let builder = ParameterBuilder()
      model = try #require(description.make(builder) as? UNITERModel)
      arena = ParameterArena(builder)
      arena.initialize(seed: 3)
    }

    /// Two images of three regions and of one.
    func images(_ features: [Float]? = nil) -> ImageInput {
      let values = features ?? (0..<24).map { Float(($0 * 7) % 5) - 2 }
      let boxes = (0..<4).map { Box(0, 0, Float($0 + 1) / 5, 0.5) }
      return ImageInput(
        PackedRegions(features: engine.tensor(values, shape: [4, 6]), boxes: boxes, offsets: [0, 3, 4]))
    }

    let texts = PackedText([[1, 5, 6, 2], [1, 9, 2]])

    func pooled(_ images: ImageInput, _ pairs: [(image: Int, text: Int)]) -> [Float] {
      let tape = Tape(engine, recording: false)
      let joint = model.join(
        model.imageEncoder(images, .all, tape), model.textEncoder(texts, .all, tape),
        pairs.map { ImageTextPair(image: $0.image, text: $0.text) }, tape)
      return model.pooled(joint, tape).values()
    }
  }

  /// What stands beside a pair in a batch is nothing to it: with other features of the other image its numbers are the same to
  /// the bit. (Alone it is computed in fewer rows, by kernels that round otherwise.)
  @Test func aPairDoesNotDependOnItsNeighbours() throws {
    let made = try Made(UNITERConfiguration(request(), from: nil))
    let pairs = [(image: 0, text: 1), (image: 1, text: 0), (image: 0, text: 0)]
    func pooled(_ features: [Float]) -> [[Float]] {
      let all = made.pooled(made.images(features), pairs)
      return pairs.indices.map { Array(all[$0 * 16..<($0 + 1) * 16]) }
    }
    let features = (0..<24).map { Float(($0 * 7) % 5) - 2 }
    let given = pooled(features)
    #expect(given[0] != given[2])
    for image in 0..<2 {
      let changed = pooled(features.enumerated().map { ($0 < 18) == (image == 0) ? $1 + 1 : $1 })
      for (place, pair) in pairs.enumerated() {
        #expect((changed[place] == given[place]) == (pair.image != image), "pair \(place), image \(image)")
      }
    }
  }

  /// Of a hidden region the model sees box and place, and none of its features; the first row of the mask's table is never read.
  @Test func aHiddenRegionIsNotSeen() throws {
    let made = try Made(UNITERConfiguration(request(), from: nil))
    let hidden = made.pooled(made.images().hiding([[1], []]), [(0, 0)])
    var features = (0..<24).map { Float(($0 * 7) % 5) - 2 }
    for place in 6..<12 { features[place] += 1 }
    #expect(made.pooled(made.images(features).hiding([[1], []]), [(0, 0)]) == hidden)
    #expect(made.pooled(made.images(features), [(0, 0)]) != made.pooled(made.images(), [(0, 0)]))
    let table = try #require(made.arena.slices.first { $0.name.hasSuffix("mask_embedding.weight") })
    for place in 0..<6 { made.arena.weights(of: table)[place] = 100 }
    #expect(made.pooled(made.images().hiding([[1], []]), [(0, 0)]) == hidden)
    for place in 6..<12 { made.arena.weights(of: table)[place] = 100 }
    #expect(made.pooled(made.images().hiding([[1], []]), [(0, 0)]) != hidden)
  }

  /// Regions have no order.
  @Test func theOrderOfRegionsIsNothing() throws {
    let made = try Made(UNITERConfiguration(request(), from: nil))
    let regions = made.images().regions
    let values = regions.features.values()
    let order: [Float] = Array(values[12..<18]) + Array(values[0..<12]) + Array(values[18..<24])
    let turned = PackedRegions(
      features: made.engine.tensor(order, shape: [4, 6]), boxes: [2, 0, 1, 3].map { regions.boxes[$0] },
      offsets: regions.offsets)
    let (one, other) = (made.pooled(made.images(), [(0, 0)]), made.pooled(ImageInput(turned), [(0, 0)]))
    #expect(difference(other, one, relative: 1e-6, scale: .largest) == nil)
  }

  /// An encoder's tokens are regions, and its cells their boxes.
  @Test func aTowerGivesRegions() throws {
    let made = try Made(UNITERConfiguration(request { $0.vision.encoder = "vit" }, from: nil))
    let numbers: [Float] = (0..<768).map { Float($0 % 11) / 7 - 0.5 }
    let pixels = made.engine.tensor(numbers, shape: [1, 3, 16, 16])
    let encoding = made.model.imageEncoder(ImageInput(pixels), .all, Tape(made.engine, recording: false))
    #expect(encoding.offsets == [0, 5] && encoding.states.columns == 16)
    #expect(made.arena.slices.contains { $0.name.hasPrefix("vision_model.") })
  }
}
