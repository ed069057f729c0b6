import Files
import Layers
import Models
import Reporting
import TensorEngine
import TestSupport
import Testing

/// Attention, its gradients, rollout and relevance of every kind of model against PyTorch (`Tests/Golden/explanations.py`).
@Suite struct ExplanationTests {
  /// A model with the weights of a golden directory, none of them learnt.
  private struct Golden {
    let engine = Engine(threadCount: 2)
    let model: any Model
    let arena: ParameterArena

    init(_ name: String) throws {
      let weights = try GoldenFile(name + "/model.safetensors")
      let description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/\(name)/config.json"))
      let shapes = Dictionary(
        uniqueKeysWithValues: try weights.names.map { ($0, try weights.array($0).shape) })
      let fitting = (description as? any DescriptionOfWeights).map { $0.fitting { shapes[$0] } } ?? description
      let builder = ParameterBuilder()
      model = fitting.make(builder)
      arena = ParameterArena(builder) { _ in true }
      for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
    }
  }

  private static let file = Result { try GoldenFile("explanations.safetensors") }

  private func images(_ name: String, _ golden: Golden) throws -> ImageInput {
    let file = try Self.file.get()
    guard file.names.contains(name + "/regions") else {
      let pixels = try file.array(name + "/pixels")
      return ImageInput(golden.engine.tensor(pixels.values, shape: pixels.shape))
    }
    let (features, edges) = (try file.array(name + "/regions"), try file.floats(name + "/boxes"))
    let boxes = stride(from: 0, to: edges.count, by: 4).map {
      Box(edges[$0], edges[$0 + 1], edges[$0 + 2], edges[$0 + 3])
    }
    return ImageInput(
      PackedRegions(
        features: golden.engine.tensor(features.values, shape: features.shape), boxes: boxes, offsets: [0, boxes.count])
    )
  }

  private func text(_ name: String) throws -> PackedText {
    PackedText([try Self.file.get().integers(name + "/ids").map(Int32.init)])
  }

  private func expect(_ actual: [Float], _ name: String, _ tolerance: Float = 2e-6) throws {
    let expected = try Self.file.get().floats(name)
    #expect(difference(actual, expected, relative: tolerance, scale: .largest) == nil, "\(name)")
  }

  private static let models = [
    ("clip", "clip-tiny"), ("cross-attention", "cross-attention-tiny"), ("vilt", "vilt-tiny"),
    ("uniter", "uniter-tiny"), ("vilbert", "vilbert-tiny"), ("gated", "cross-attention-tiny/gated"),
    ("mmbert", "mmbert-tiny"), ("fusion-early", "fusion-tiny/early"), ("fusion-hybrid", "fusion-tiny/hybrid"),
    ("fusion-bottleneck", "fusion-tiny/bottleneck"), ("fusion-late-attention", "fusion-tiny/late-attention"),
  ]

  @Test(arguments: models, ExplanationMethod.allCases)
  func equalsPyTorch(_ names: (String, String), _ method: ExplanationMethod) throws {
    let (name, directory) = names
    let golden = try Golden(directory)
    let explain = try PairExplainer(golden.model, golden.engine)
    let made = try explain(try images(name, golden), try text(name), by: method)
    for map in made.maps {
      try expect(map.probabilities.values(), "\(name)/attention/\(map.attention)")
      // Of what nothing reads no gradient arrives.
      let gradient = map.gradient?.values() ?? [Float](repeating: 0, count: map.probabilities.count)
      try expect(gradient, "\(name)/gradient/\(map.attention)", 1e-5)
    }
    #expect(try Self.file.get().names.contains("\(name)/attention/\(made.maps.count)") == false)
    try expect(made.relations.values, "\(name)/\(method)", 1e-5)
    try expect(made.pooled, "\(name)/\(method)/pooled", 1e-5)
    // The score of a matching head is what is differentiated; of features, the cosine without the logits' factor.
    let factor = (golden.model as? any FeatureModel).map { Float($0.logitFactor) } ?? 1
    try expect([made.score * (explain.scorer.name == "cosine" ? factor : 1)], "\(name)/score", 1e-5)
    #expect(made.streamsMeet == (name != "clip" && name != "fusion-late-attention"))
    withExtendedLifetime(golden) {}
  }

  // MARK: Without a reference

  /// A tower of convolutions has no attention, and all its cells stand for an image: a cell counts as much as the score would rise
  /// with its state. Central differences of the score over each cell's state say how much that is.
  @Test func cellsCountAsMuchAsTheScoreRisesWithThem() throws {
    let description = DualEncoderConfiguration(smallResNet(.basic), meanBERT(), embeddingWidth: 8)
    let builder = ParameterBuilder()
    let model = try #require(description.make(builder) as? any FeatureModel)
    let arena = ParameterArena(builder) { _ in true }
    arena.draw()
    let engine = Engine(threadCount: 1)
    let pixels = (0..<3 * 44 * 44).map { (place: Int) -> Float in Float(place * 37 % 101) / 50 - 1 }
    let images = ImageInput(engine.tensor(pixels, shape: [1, 3, 44, 44]))
    let texts = PackedText([[1, 7, 9, 2]])
    let made = try PairExplainer(model, engine)(images, texts, by: .relevance)
    let tape = Tape(engine, recording: false)
    let cells = model.imageEncoder(images, .all, tape)
    let text = model.textFeatures(model.textEncoder(texts, .all, tape), tape).values()
    func cosine(_ cell: Int, _ step: Float) -> Float {
      var values = cells.states.values()
      let width = cells.states.columns
      for place in cell * width..<(cell + 1) * width { values[place] *= 1 + step }
      let moved = Encoding(
        states: engine.tensor(values, shape: cells.states.shape), offsets: cells.offsets, pooledRows: cells.pooledRows)
      return zip(model.imageFeatures(moved, tape).values(), text).reduce(0) { $0 + $1.0 * $1.1 }
    }
    let slopes = (0..<cells.states.rows).map { max(0, (cosine($0, 0.05) - cosine($0, -0.05)) / 0.1) }
    let sum = slopes.reduce(0, +)
    #expect(slopes.count == 4 && sum > 0)
    #expect(
      difference(made.relevance(of: .image), slopes.map { $0 / sum }, relative: 2e-2, floor: 2e-3, scale: .largest)
        == nil)
    #expect(abs(made.relevance(of: .image).reduce(0, +) - 1) < 1e-5 && !made.streamsMeet)
    withExtendedLifetime(arena) {}
  }

  private func meanBERT() -> BERTConfiguration {
    var sizes = BERTConfiguration()
    (sizes.vocabularySize, sizes.positions, sizes.width, sizes.intermediate) = (30, 8, 12, 16)
    (sizes.layerCount, sizes.heads, sizes.pooling) = (1, 2, .mean)
    return sizes
  }

  /// Rows of rollout are shares: what flows in adds up to one, in every token of every stream.
  @Test(arguments: models) func rolloutSharesOut(_ names: (String, String)) throws {
    let golden = try Golden(names.1)
    let made = try PairExplainer(golden.model, golden.engine)(
      try images(names.0, golden), try text(names.0), by: .rollout)
    for row in 0..<made.relations.count { #expect(abs(made.relations[row].reduce(0, +) - 1) < 1e-5) }
  }

  /// Whatever models are put together of, their attentions say what they connect: shared tokens, sentinels, a vector's query.
  @Test(arguments: [
    "fusion-tiny/early", "fusion-tiny/hybrid", "fusion-tiny/bottleneck", "fusion-tiny/regions", "fusion-tiny/late-sum",
    "fusion-tiny/late-attention", "cross-attention-tiny/gated", "mmbert-tiny",
  ])
  func allJoinsAreExplained(_ name: String) throws {
    let golden = try Golden(name)
    let input = golden.engine.images(1, of: golden.model.description.images) { _, values in
      for place in values.indices { values[place] = Float((place * 37) % 101) / 50 - 1 }
    }
    for method in ExplanationMethod.allCases {
      let made = try PairExplainer(golden.model, golden.engine)(input, PackedText([[1, 7, 9, 2]]), by: method)
      #expect(made.relevance(of: .text).contains { $0 > 0 } && made.relevance(of: .image).contains { $0 > 0 })
      #expect(made.streamsMeet == !name.contains("late"), "\(method)")
      guard method == .rollout else { continue }
      for row in 0..<made.relations.count { #expect(abs(made.relations[row].reduce(0, +) - 1) < 1e-5) }
    }
    withExtendedLifetime(golden) {}
  }

  /// Every encoder that says where its tokens lie says it of all of them.
  @Test(arguments: models) func tokensHavePlaces(_ names: (String, String)) throws {
    let golden = try Golden(names.1)
    let encoder = try #require(golden.model as? any ImageModel).imageEncoder
    let input = try images(names.0, golden)
    let boxes = try #require(encoder.boxes(of: input))
    let made = try PairExplainer(golden.model, golden.engine)(input, try text(names.0), by: .rollout)
    #expect(boxes.map(\.count) == [made.relevanceOfPlaces.count])
    let cells = boxes[0].filter { $0 != .whole }
    if golden.model.description.images.side != nil {
      // Each stage of a network covers it.
      let layers: Float = names.0 == "mmbert" ? 3 : 1
      #expect(abs(cells.reduce(0) { $0 + $1.area } - layers) < 1e-5, "cells cover the picture")
    }
    withExtendedLifetime(golden) {}
  }

  /// What cannot be explained says why.
  @Test func modelsThatCannotSayAreRefused() throws {
    let golden = try Golden("vilt-tiny")
    var sizes = try #require(golden.model.description as? ViLTConfiguration)
    sizes.hasRankOutput = false
    let error = #expect(throws: ExplanationError.self) {
      _ = try PairExplainer(sizes.make(ParameterBuilder()), golden.engine)
    }
    #expect(error?.exitCode == .configuration && error?.description.contains("vilt") == true)
    let record = AttentionRecord()
    _ = Tape(golden.engine, recording: false, attention: record).attention(
      queryKeyValue: golden.engine.tensor([Float](repeating: 0, count: 12), shape: [2, 6]), heads: 1,
      segments: AttentionSegments(offsets: [0, 2]))
    #expect(record.maps.count == 1 && record.maps[0].keys.isEmpty)
    withExtendedLifetime(golden) {}
  }
}
