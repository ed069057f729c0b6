import Collectives
import Layers
import Models
import Objectives
import Randomness
import TensorEngine
import TestSupport
import Testing

/// N ranks with b pairs each give the loss and the gradients of one rank with all N · b: for both models and both
/// objectives, also where the ranks' shares differ.
@Suite struct RankInvarianceTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let name: String
    let description: ModelDescription
    let weights: ObjectiveWeights
    var testDescription: String { name }
  }

  static let cases: [Case] = {
    var towers = CLIPConfiguration()
    towers.vision.imageSize = 16
    towers.vision.patchSize = 8
    (towers.vision.width, towers.vision.intermediate, towers.vision.layers, towers.vision.heads) = (16, 32, 1, 2)
    (towers.text.width, towers.text.intermediate, towers.text.layers, towers.text.heads) = (16, 32, 1, 2)
    (towers.text.vocabularySize, towers.text.contextLength, towers.text.endToken) = (20, 8, 19)
    towers.embeddingWidth = 12
    let both = FusionConfiguration(layers: 1, heads: 2, width: 16, direction: .both)
    let textToImage = FusionConfiguration(layers: 2, heads: 2, width: 16, direction: .textToImage)
    return [
      Case(name: "clip, contrastive", description: .clip(towers), weights: .init(contrastive: 1, matching: 0)),
      Case(
        name: "cross-attention, contrastive", description: .crossAttention(towers, both),
        weights: .init(contrastive: 1, matching: 0)),
      Case(
        name: "cross-attention, matching", description: .crossAttention(towers, both),
        weights: .init(contrastive: 0, matching: 1)),
      Case(
        name: "cross-attention, both", description: .crossAttention(towers, both),
        weights: .init(contrastive: 1, matching: 0.5)),
      Case(
        name: "text to image, both", description: .crossAttention(towers, textToImage),
        weights: .init(contrastive: 1, matching: 1)),
    ]
  }()

  @Test(arguments: cases, [2, 3, 4])
  func ranksAddUpToOne(_ example: Case, _ ranks: Int) throws {
    let one = try Self.gradients(example, ranks: 1)
    let many = try Self.gradients(example, ranks: ranks)
    let largest = one.gradients.map(\.magnitude).max() ?? 0
    let worst = zip(many.gradients, one.gradients).map { ($0 - $1).magnitude }.max() ?? 0
    print(
      "\(example.name), \(ranks) ranks: loss \(many.loss) (1 rank \(one.loss)), gradients within \(worst / largest)")
    #expect(difference(many.loss, one.loss, relative: 1e-6) == nil, "\(example.name): loss")
    #expect(
      difference(many.gradients, one.gradients, relative: 1e-5, floor: 0, scale: .largest) == nil,
      "\(example.name): gradients")
    #expect(one.gradients.contains { $0 != 0 })
  }

  @Test func negativesAreNeverTheSamePhotoOrCaption() throws {
    // Pairs 0 and 1 show one photo, 2 and 3 say the same: a batch of 4 in which 0 may only meet 2 and 3.
    for anchor in 0..<4 {
      for seed in 0..<50 {
        var random = RandomStream(seed: UInt64(seed))
        let chosen = [Float](repeating: 0, count: 4).withUnsafeBufferPointer {
          hardNegative(
            logits: $0, anchor: anchor, Identities(photos: [7, 7, 8, 9], captions: [1, 2, 3, 3]), &random)
        }
        #expect([0: [2, 3], 1: [2, 3], 2: [0, 1], 3: [0, 1]][anchor]?.contains(chosen ?? -1) == true)
      }
    }
    var random = RandomStream(seed: 0)
    let none = [Float](repeating: 0, count: 2).withUnsafeBufferPointer {
      hardNegative(logits: $0, anchor: 0, Identities(photos: [1, 1], captions: [1, 2]), &random)
    }
    #expect(none == nil)
  }

  @Test func similarCandidatesAreDrawnMoreOften() {
    let logits: [Float] = [0, 2, 0, 0]
    var counts = [0, 0, 0, 0]
    for seed in 0..<4000 {
      var random = RandomStream(seed: UInt64(seed))
      let chosen = logits.withUnsafeBufferPointer {
        hardNegative(logits: $0, anchor: 0, Identities(photos: [1, 2, 3, 4], captions: [1, 2, 3, 4]), &random)
      }
      counts[chosen ?? 0] += 1
    }
    // exp(2) : 1 : 1
    #expect(counts[0] == 0)
    #expect(abs(Double(counts[1]) / 4000 - 7.389 / 9.389) < 0.03)
  }

  /// Loss and summed gradients of one batch of 12 pairs, two of which show the same photo and two say the same.
  private static func gradients(_ example: Case, ranks: Int) throws -> (loss: Double, gradients: [Float]) {
    let results = try InProcessCommunicator.run(ranks: ranks) { communicator -> (Double, [Float]) in
      let engine = Engine(threadCount: 1)
      let builder = ParameterBuilder()
      let model = ImageTextModel(example.description, builder)
      let arena = ParameterArena(builder)
      arena.initialize(seed: 11)
      let objective = Objective(model, weights: example.weights, seed: 5, communicator)
      let tape = Tape(engine)
      arena.markGradientsStale()
      let losses = try objective(batch(ranks: ranks, rank: communicator.rank, engine), tape)
      try tape.backward(from: losses.total)
      arena.clearUnreachedGradients()
      return (Double(losses.total.value), Array(arena.gradients))
    }
    let gradients = results[0].1.indices.map { index in results.reduce(Float(0)) { $0 + $1.1[index] } }
    return (results.reduce(0) { $0 + $1.0 }, gradients)
  }

  private static func batch(ranks: Int, rank: Int, _ engine: Engine) -> PairBatch {
    let total = 12
    let pixelsEach = 3 * 16 * 16
    let bounds = (0...ranks).map { total * $0 / ranks }
    let layout = BatchLayout(counts: (0..<ranks).map { bounds[$0 + 1] - bounds[$0] }, rank: rank)
    let captions: [[Int32]] = (0..<total).map { pair in
      var random = RandomStream(seed: 1, UInt64(pair))
      return [18] + (0..<(1 + random.integer(below: 6))).map { _ in Int32(random.integer(below: 18)) } + [19]
    }
    let pixels = (0..<total).map { pair -> [Float] in
      var random = RandomStream(seed: 2, UInt64(pair))
      return (0..<pixelsEach).map { _ in random.normal() }
    }
    let local = layout.local
    return PairBatch(
      pixels: engine.tensor(Array(pixels[local].joined()), shape: [local.count, 3, 16, 16]),
      text: PackedText(
        ids: Array(captions[local].joined()),
        offsets: captions[local].reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }),
      photos: local.map { $0 == 5 ? 2 : UInt64($0) }, captions: local.map { $0 == 9 ? 3 : UInt64($0) }, layout: layout,
      step: 4)
  }
}
