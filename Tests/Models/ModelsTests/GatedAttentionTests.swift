import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// Gates and sentinels of `cross-attention`, beside the numbers of `cross-attention-tiny/gated`.
@Suite struct GatedAttentionTests {
  private static let towers: CLIPConfiguration = {
    var towers = CLIPConfiguration()
    (towers.vision.imageSize, towers.vision.patchSize) = (16, 8)
    (towers.vision.width, towers.vision.intermediate, towers.vision.layers, towers.vision.heads) = (16, 32, 1, 2)
    (towers.text.width, towers.text.intermediate, towers.text.layers, towers.text.heads) = (16, 32, 1, 2)
    (towers.text.vocabularySize, towers.text.contextLength, towers.text.endToken) = (20, 8, 2)
    towers.embeddingWidth = 12
    return towers
  }()

  private func described(
    _ gate: FusionGate, sentinel: Bool = false, _ direction: FusionDirection = .both
  ) -> CrossAttentionConfiguration {
    var fusion = FusionConfiguration(layers: 2, heads: 2, width: 12, direction: direction)
    (fusion.gate, fusion.hasSentinel) = (gate, sentinel)
    return CrossAttentionConfiguration(Self.towers, fusion)
  }

  /// Logits of three pairs by weights that are functions of their names.
  private func logits(_ description: CrossAttentionConfiguration, gate: Float? = nil) throws -> [Float] {
    let (engine, builder) = (Engine(threadCount: 2), ParameterBuilder())
    let model = try #require(description.make(builder) as? CrossAttentionModel)
    let arena = ParameterArena(builder)
    arena.initialize(seed: 4)
    for slice in arena.slices {
      guard slice.name.hasSuffix("_gate") else { continue }
      #expect(arena.weights(of: slice).allSatisfy { $0 == 0 }, "a gate is closed at first")
      if let gate { arena.weights(of: slice)[0] = gate }
    }
    let numbers = drawn("pictures", count: 2 * 768)
    let tape = Tape(engine, recording: false)
    let images = model.imageEncoder(ImageInput(engine.tensor(numbers, shape: [2, 3, 16, 16])), .all, tape)
    let texts = model.textEncoder(PackedText([[1, 5, 6, 7, 2], [1, 9, 2]]), .all, tape)
    let pairs = [(0, 0), (1, 1), (0, 1)].map { ImageTextPair(image: $0.0, text: $0.1) }
    return model.match(model.join(images, texts, pairs, tape), tape).values()
  }

  /// With a closed gate the numbers are, to the bit, those of a model whose streams never look at each other.
  @Test(arguments: [FusionGate.attention, .dense], [false, true])
  func aClosedGateIsNoJoin(_ gate: FusionGate, _ sentinel: Bool) throws {
    let alone = try logits(described(.none, .none))
    #expect(try logits(described(gate, sentinel: sentinel)) == alone)
    #expect(try logits(described(gate, sentinel: sentinel), gate: 0.1) != alone)
    #expect(try logits(described(.none)) != alone)
  }

  @Test(arguments: [(FusionGate.none, true), (.attention, false), (.attention, true), (.dense, false)])
  func theGradientIsTheSlope(_ gate: FusionGate, _ sentinel: Bool) throws {
    #expect(try ModelSlope(described(gate, sentinel: sentinel)).difference() < 5e-3)
  }

  @Test func filesAreReadAsTheyAreWritten() throws {
    let made = described(.dense, sentinel: true)
    #expect(try CrossAttentionConfiguration(written(made)) == made)
    let plain = described(.none)
    let json = try String(decoding: plain.json(), as: UTF8.self)
    #expect(!json.contains("\"gate\"") && !json.contains("\"sentinel\""), "as before there were any")
    #expect(try CrossAttentionConfiguration(written(plain)) == plain)
  }
}
