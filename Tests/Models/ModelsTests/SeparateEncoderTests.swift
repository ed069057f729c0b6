import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// What is made of a segment by itself depends on nothing else, and is what a batch makes of it up to rounding.
@Suite struct SeparateEncoderTests {
  private struct Case {
    let model: CLIP
    let arena: ParameterArena
    let pixels: [Float]
    let texts = PackedText([[0, 5, 9, 7], [0, 3, 7], [0, 8, 8, 2, 4, 6, 7], [0, 7], [0, 1, 2, 7]])

    init() {
      var sizes = CLIPConfiguration()
      (sizes.vision.imageSize, sizes.vision.patchSize) = (16, 8)
      (sizes.vision.width, sizes.vision.intermediate, sizes.vision.layers, sizes.vision.heads) = (24, 56, 2, 3)
      (sizes.text.width, sizes.text.intermediate, sizes.text.layers, sizes.text.heads) = (24, 40, 2, 2)
      (sizes.text.contextLength, sizes.text.vocabularySize) = (8, 10)
      (sizes.text.startToken, sizes.text.endToken) = (0, 7)
      let builder = ParameterBuilder()
      model = CLIP(sizes, builder)
      arena = ParameterArena(builder)
      arena.initialize(seed: 4)
      pixels = (0..<5 * 3 * 16 * 16).map { Float(($0 * 7919) % 2003) / 1001 - 1 }
    }

    func images(_ engine: Engine, _ order: [Int]) -> ImageInput {
      ImageInput(engine.tensor(order.flatMap { pixels[$0 * 768..<($0 + 1) * 768] }, shape: [order.count, 3, 16, 16]))
    }
  }

  private func states(_ encoding: Encoding, _ segment: Int) -> [Float] {
    let width = encoding.states.columns
    return Array(encoding.states.values()[encoding.offsets[segment] * width..<encoding.offsets[segment + 1] * width])
  }

  @Test(arguments: [EncodedTokens.all, .pooled], [Precision.fp32, .bf16].filter(\.isSupported))
  func neitherPlaceNorCompanyNorThreadsMatter(_ tokens: EncodedTokens, _ precision: Precision) {
    let example = Case()
    let engine = Engine(threadCount: 3, precision: precision)
    let encoder = SeparateEncoder(engine)
    let images = encoder(example.model.vision, example.images(engine, [0, 1, 2, 3, 4]), tokens)
    let texts = encoder(example.model.text, example.texts, tokens)
    let alone = Engine(threadCount: 1, precision: precision)
    let order = [3, 0, 4]
    let others = SeparateEncoder(alone)(example.model.vision, example.images(alone, order), tokens)
    let otherTexts = SeparateEncoder(alone)(
      example.model.text, PackedText(order.map { Array(example.texts[$0..<$0 + 1].ids) }), tokens)
    for (place, segment) in order.enumerated() {
      #expect(states(others, place) == states(images, segment))
      #expect(states(otherTexts, place) == states(texts, segment))
      #expect(others.relativePooledRows[2 * place] == images.relativePooledRows[2 * segment])
      #expect(otherTexts.relativePooledRows[2 * place] == texts.relativePooledRows[2 * segment])
    }
    #expect(images.states.elementType == (precision == .bf16 ? .bfloat16 : .float32))
  }

  /// And the pooled states alone are those among all tokens' states, up to rounding too: the last block is another product, of
  /// fewer rows.
  @Test func aBatchMakesTheSameUpToRounding() {
    let example = Case()
    let engine = Engine(threadCount: 2)
    let tape = Tape(engine, recording: false)
    let encoder = SeparateEncoder(engine)
    let pixels = example.images(engine, [0, 1, 2, 3, 4])
    let pairs = [
      (encoder(example.model.vision, pixels, .all), example.model.vision(pixels, .all, tape)),
      (encoder(example.model.text, example.texts, .all), example.model.text(example.texts, .all, tape)),
    ]
    for (own, batch) in pairs {
      #expect(own.offsets == batch.offsets && own.pooledRows == batch.pooledRows)
      #expect(difference(own.states.values(), batch.states.values(), relative: 1e-5, floor: 1e-5) == nil)
    }
    let pooled = [
      encoder(example.model.vision, pixels, .pooled), encoder(example.model.text, example.texts, .pooled),
    ]
    for ((own, _), pooled) in zip(pairs, pooled) {
      let all = own.pooled(tape).values()
      #expect(difference(pooled.states.values(), all, relative: 1e-5, floor: 1e-5) == nil)
    }
  }
}
