import Collectives
import Layers
import Models
import Objectives
import Randomness
import TensorEngine
import TestSupport
import Testing

/// Packed captions make every batch another shape: the pool's size classes keep that from asking for memory for ever.
@Suite struct VaryingLengthTests {
  @Test func memoryIsAskedForABoundedNumberOfTimes() throws {
    let engine = Engine(threadCount: 1)
    let builder = ParameterBuilder()
    let model = CLIP(Self.towers, builder)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 3)
    let objective = try ObjectiveMix(
      ObjectiveContext(model, .init(["contrastive": 1]), seed: 5, SoloCommunicator()))
    func step(_ index: Int) throws {
      let tape = Tape(engine)
      arena.markGradientsStale()
      try tape.backward(from: try objective(Self.batch(index, engine), tape).total)
      arena.clearUnreachedGradients()
    }
    // What the largest batch asks for: 12 captions of 8 tokens.
    try step(0)
    let largest = (engine.systemAllocations, engine.reservedBytes)
    for index in 1..<100 { try step(index) }
    let seen = (engine.systemAllocations, engine.reservedBytes)
    // 12 to 96 tokens are three octaves of eight size classes each, but what waits in a larger one serves as well: hardly
    // more than the largest batch needs, and not a set of blocks for each length.
    #expect(seen.0 <= 2 * largest.0 && 2 * seen.1 <= 3 * largest.1, "\(seen) after \(largest)")
    // Other batches of lengths that came before, and shapes between them, find their classes again.
    for index in 0..<100 { try step(index) }
    #expect(engine.systemAllocations == seen.0)
  }

  private static let towers: CLIPConfiguration = {
    var towers = CLIPConfiguration()
    towers.vision.imageSize = 16
    towers.vision.patchSize = 8
    (towers.vision.width, towers.vision.intermediate, towers.vision.layers, towers.vision.heads) = (16, 32, 1, 2)
    (towers.text.width, towers.text.intermediate, towers.text.layers, towers.text.heads) = (16, 32, 2, 2)
    (towers.text.vocabularySize, towers.text.contextLength, towers.text.endToken) = (20, 8, 19)
    towers.embeddingWidth = 12
    return towers
  }()

  /// Twelve captions of 1 to 8 tokens; of 8 each in batch 0.
  private static func batch(_ index: Int, _ engine: Engine) -> StepBatch {
    var random = RandomStream(seed: 1, UInt64(index))
    let captions = (0..<12).map { _ -> [Int32] in
      let words = index == 0 ? 7 : random.integer(below: 8)
      return (0..<words).map { _ in Int32(random.integer(below: 19)) } + [19]
    }
    return StepBatch(
      images: ImageInput(engine.tensor([Float](repeating: 0.5, count: 12 * 3 * 256), shape: [12, 3, 16, 16])),
      text: PackedText(
        ids: captions.flatMap { $0 }, offsets: captions.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }),
      photos: (0..<12).map { UInt64($0) }, captions: (0..<12).map { UInt64($0) },
      layout: BatchLayout(counts: [12], rank: 0), step: index)
  }
}
