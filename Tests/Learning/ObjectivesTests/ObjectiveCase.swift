import Batching
import Collectives
import Layers
import Models
import Objectives
import Randomness
import TensorEngine
import Testing
import Tokenization

/// A small model with its losses, and one batch of 12 pairs for it.
struct ObjectiveCase: CustomTestStringConvertible, Sendable {
  let name: String
  var description: any ModelDescription
  let weights: ObjectiveSettings
  var isFrozen: @Sendable (_ name: String) -> Bool = { _ in false }
  var testDescription: String { name }

  static let towers: CLIPConfiguration = {
    var towers = CLIPConfiguration()
    towers.vision.imageSize = 16
    towers.vision.patchSize = 8
    (towers.vision.width, towers.vision.intermediate, towers.vision.layers, towers.vision.heads) = (16, 32, 1, 2)
    (towers.text.width, towers.text.intermediate, towers.text.layers, towers.text.heads) = (16, 32, 1, 2)
    (towers.text.vocabularySize, towers.text.contextLength, towers.text.endToken) = (20, 8, 19)
    towers.embeddingWidth = 12
    return towers
  }()

  /// With a logit bias, for the sigmoid loss.
  static let biased: CLIPConfiguration = {
    var biased = towers
    biased.initialLogitBias = -2
    return biased
  }()

  /// Any two towers, with dropout wherever there is some.
  static let dropping: DualEncoderConfiguration = {
    var (vision, words) = (ViTConfiguration(), BERTConfiguration())
    (vision.imageSize, vision.patchSize, vision.width, vision.intermediate) = (16, 8, 16, 32)
    (vision.layerCount, vision.heads) = (1, 2)
    (words.vocabularySize, words.positions, words.width, words.intermediate) = (20, 8, 16, 32)
    (words.layerCount, words.heads) = (1, 2)
    (words.dropout.states, words.dropout.probabilities) = (0.2, 0.2)
    var dropping = DualEncoderConfiguration(vision, words, embeddingWidth: 12)
    (dropping.projection.visionDropout, dropping.projection.textDropout) = (0.3, 0.1)
    return dropping
  }()

  /// One transformer for both, without features.
  static let stream: ViLTConfiguration = {
    var stream = ViLTConfiguration()
    (stream.imageSize, stream.patchSize, stream.width, stream.intermediate) = (16, 8, 16, 32)
    (stream.layerCount, stream.heads) = (2, 2)
    (stream.vocabularySize, stream.contextLength) = (20, 8)
    (stream.hasRankOutput, stream.hasMaskedTextHead) = (true, true)
    return stream
  }()

  static let all: [ObjectiveCase] = {
    let both = FusionConfiguration(layers: 1, heads: 2, width: 16, direction: .both)
    let textToImage = FusionConfiguration(layers: 2, heads: 2, width: 16, direction: .textToImage)
    var sampled = ObjectiveSettings(["contrastive": 1, "matching": 2, "masked_text": 2])
    sampled.mix = .sampled
    var random = ObjectiveSettings(["matching": 1])
    random.negatives = .random
    return [
      ObjectiveCase(name: "clip, contrastive", description: towers, weights: .init(["contrastive": 1])),
      ObjectiveCase(
        name: "clip, sigmoid", description: biased, weights: .init(["sigmoid": 1])),
      ObjectiveCase(
        name: "clip, both", description: biased, weights: .init(["contrastive": 0.5, "sigmoid": 1])),
      ObjectiveCase(name: "dropout", description: dropping, weights: .init(["contrastive": 1])),
      ObjectiveCase(
        name: "cross-attention, contrastive", description: CrossAttentionConfiguration(towers, both),
        weights: .init(["contrastive": 1])),
      ObjectiveCase(
        name: "cross-attention, matching", description: CrossAttentionConfiguration(towers, both),
        weights: .init(["matching": 1])),
      ObjectiveCase(
        name: "cross-attention, matching with random negatives",
        description: CrossAttentionConfiguration(towers, both), weights: random),
      ObjectiveCase(
        name: "cross-attention, both", description: CrossAttentionConfiguration(towers, both),
        weights: .init(["contrastive": 1, "matching": 0.5])),
      ObjectiveCase(
        name: "clip, cosine margin", description: towers, weights: .init(["cosine_margin": 1])),
      ObjectiveCase(name: "single stream, matching", description: stream, weights: .init(["matching": 1])),
      ObjectiveCase(name: "single stream, masked text", description: stream, weights: .init(["masked_text": 1])),
      ObjectiveCase(name: "masked text", description: bothWays(both), weights: .init(["masked_text": 1])),
      ObjectiveCase(
        name: "masked text, text to image", description: bothWays(textToImage), weights: .init(["masked_text": 1])),
      ObjectiveCase(
        name: "everything sampled", description: bothWays(both), weights: sampled),
      ObjectiveCase(
        name: "text to image, both", description: CrossAttentionConfiguration(towers, textToImage),
        weights: .init(["contrastive": 1, "matching": 1])),
    ]
  }()

  /// With a text tower that looks both ways, and a head for masked words.
  private static func bothWays(_ fusion: FusionConfiguration) -> CrossAttentionConfiguration {
    var looking = towers
    looking.text.isCausal = false
    var made = CrossAttentionConfiguration(looking, fusion)
    made.hasMaskedTextHead = true
    return made
  }

  /// Ids are letters; 18 and 19 open and close a text.
  static let vocabulary = MaskingVocabulary(
    tokens: (0..<20).map { [97 + UInt8($0)] }, mask: nil, start: 18, specials: [18, 19])

  /// The same with so many blocks in each tower.
  func with(layers: Int) -> ObjectiveCase {
    var other = self
    let whole = description as? CrossAttentionConfiguration
    if var towers = (whole?.pair ?? description) as? CLIPConfiguration {
      (towers.vision.layers, towers.text.layers) = (layers, layers)
      other.description = whole.map { CrossAttentionConfiguration(towers, of: $0) } ?? towers
    }
    if var pair = description as? DualEncoderConfiguration, var vision = pair.vision as? ViTConfiguration,
      var words = pair.words as? BERTConfiguration
    {
      (vision.layerCount, words.layerCount) = (layers, layers)
      (pair.vision, pair.words) = (vision, words)
      other.description = pair
    }
    return other
  }

  /// The same with parameters that are not trained.
  func frozen(_ isFrozen: @escaping @Sendable (_ name: String) -> Bool) -> ObjectiveCase {
    var other = self
    other.isFrozen = isFrozen
    return other
  }

  /// What one batch gives.
  struct Outcome {
    let loss: Double
    /// What was learnt, in its order.
    let names: [String]
    let gradients: [Float]
    /// Of rank 0.
    let reservedBytes: Int
    let matrixProducts: Int
  }

  /// Loss and summed gradients of one batch of 12 pairs, two of which show the same photo and two say the same.
  /// - Parameter atOnce: whether all objectives are recorded before the way back begins.
  func gradients(
    ranks: Int, micro: Int? = nil, recomputesBlocks: Bool = false, precision: Precision = .fp32, atOnce: Bool = false
  ) throws -> Outcome {
    let results = try InProcessCommunicator.run(ranks: ranks) { communicator -> Outcome in
      let engine = Engine(threadCount: 1, precision: precision)
      let builder = ParameterBuilder()
      let model = description.make(builder)
      let arena = ParameterArena(builder, isFrozen: isFrozen)
      arena.initialize(seed: 11)
      let objective = try ObjectiveMix(
        ObjectiveContext(model, weights, vocabulary: Self.vocabulary, seed: 5, communicator))
      let batch = Self.batch(ranks: ranks, rank: communicator.rank, engine, description.images)
      let tape = Tape(
        engine, recomputesBlocks: recomputesBlocks,
        dropout: DropoutMasks(seed: 3, step: batch.step, firstSample: batch.layout.first))
      arena.markGradientsStale()
      let losses = try atOnce ? objective(batch, tape) : objective.computeGradients(of: batch, micro: micro, tape)
      if atOnce { try tape.backward(from: losses.total) }
      arena.clearUnreachedGradients()
      return Outcome(
        loss: Double(losses.total.value), names: losses.parts.map(\.name), gradients: Array(arena.gradients),
        reservedBytes: engine.reservedBytes, matrixProducts: engine.matrixProducts)
    }
    let gradients = results[0].gradients.indices.map { index in results.reduce(Float(0)) { $0 + $1.gradients[index] } }
    return Outcome(
      loss: results.reduce(0) { $0 + $1.loss }, names: results[0].names, gradients: gradients,
      reservedBytes: results[0].reservedBytes,
      matrixProducts: results[0].matrixProducts)
  }

  /// The objective that a step has drawn.
  func name(ofStep step: Int) -> String {
    let context = ObjectiveContext(
      description.make(ParameterBuilder()), weights, vocabulary: Self.vocabulary, seed: 5, SoloCommunicator())
    guard let mix = try? ObjectiveMix(context) else { return "" }
    return mix.names(ofStep: step).joined(separator: " ")
  }

  /// - Parameter images: what the model reads of them; pictures are of 16 pixels.
  static func batch(
    ranks: Int, rank: Int, _ engine: Engine, _ images: ImageShape = .pictures(side: 16)
  ) -> StepBatch {
    let total = 12
    let bounds = (0...ranks).map { total * $0 / ranks }
    let layout = BatchLayout(counts: (0..<ranks).map { bounds[$0 + 1] - bounds[$0] }, rank: rank)
    let captions: [[Int32]] = (0..<total).map { pair in
      var random = RandomStream(seed: 1, UInt64(pair))
      return [18] + (0..<(1 + random.integer(below: 6))).map { _ in Int32(random.integer(below: 18)) } + [19]
    }
    let local = layout.local
    var columns = BatchColumns()
    if case .regions(let shape) = images, let classes = shape.classes {
      columns.regions = local.map { regions($0, 1 + $0 % shape.limit, classes: classes) }
    }
    return StepBatch(
      images: Self.images(local, engine, images),
      text: PackedText(captions[local]),
      photos: local.map { $0 == 5 ? 2 : UInt64($0) }, captions: local.map { $0 == 9 ? 3 : UInt64($0) },
      columns: columns, layout: layout, step: 4)
  }

  /// What a detector says beside features: probabilities of classes.
  private static func regions(_ pair: Int, _ count: Int, classes: Int) -> RegionFeatures? {
    var random = RandomStream(seed: 3, UInt64(pair))
    let shares = (0..<count).flatMap { _ in
      let drawn = (0..<classes).map { _ in random.uniform() }
      return drawn.map { Float16($0 / drawn.reduce(0, +)).bitPattern }
    }
    return try? RegionFeatures(
      features: [UInt16](repeating: 0, count: count), boxes: (0..<count).flatMap { _ in [0, 0, 1, 1] },
      probabilities: shares)
  }

  private static func images(_ pairs: Range<Int>, _ engine: Engine, _ shape: ImageShape) -> ImageInput {
    let numbers = { (pair: Int, count: Int) -> [Float] in
      var random = RandomStream(seed: 2, UInt64(pair))
      return (0..<count).map { _ in random.normal() }
    }
    switch shape {
    case .pictures(let side):
      let pixels = pairs.flatMap { numbers($0, 3 * side * side) }
      return ImageInput(engine.tensor(pixels, shape: [pairs.count, 3, side, side]))
    case .regions(let shape):
      let counts = pairs.map { 1 + $0 % shape.limit }
      return ImageInput(
        PackedRegions(
          features: engine.tensor(
            zip(pairs, counts).flatMap { numbers($0, $1 * shape.width) },
            shape: [counts.reduce(0, +), shape.width]),
          boxes: zip(pairs, counts).flatMap { pair, count in
            (0..<count).map { Box(0, 0, Float($0 + 1) / Float(count), Float(pair + 1) / 12) }
          }, offsets: counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }))
    case .frames(let shape):
      let counts = pairs.map { 1 + $0 % shape.limit }
      let pixels = zip(pairs, counts).flatMap { numbers($0, $1 * 3 * shape.side * shape.side) }
      let pictures = Pictures(
        pixels: engine.tensor(pixels, shape: [counts.reduce(0, +), 3, shape.side, shape.side]))
      let offsets = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
      return ImageInput(.frames(PackedFrames(pictures, offsets: offsets)))
    case .clips(let shape):
      let counts = pairs.map { 1 + 5 * $0 % shape.frames }
      let rows = zip(pairs, counts).flatMap { numbers($0, $1 * shape.bands) }
      return ImageInput(
        .clips(
          PackedClips(
            rows: engine.tensor(rows, shape: [counts.reduce(0, +), shape.bands]),
            offsets: counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) })))
    }
  }
}

extension CrossAttentionConfiguration {
  /// The same behind other towers.
  fileprivate init(_ pair: any TowerPair, of other: CrossAttentionConfiguration) {
    self = other
    self.pair = pair
  }
}
