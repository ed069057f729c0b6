import Files
import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// Pairs by the thousand: what a join makes of images and of texts apart is made once.
@Suite struct PairMatcherTests {
  @Test(arguments: ["late-attention", "late-concatenation", "bottleneck", "hybrid", "early"])
  func layersApartAreComputedOnce(_ kind: String) throws {
    let (model, arena, engine) = try golden(kind)
    let images = engine.images(3, of: model.description.images) { image, values in
      for place in values.indices { values[place] = Float((place * 37 + image * 11) % 101) / 50 - 1 }
    }
    let tape = Tape(engine, recording: false)
    let seen = model.imageEncoder(images, .all, tape)
    let read = model.textEncoder(PackedText([[1, 7, 9, 2], [1, 8, 2], [1, 5, 4, 6, 2]]), .all, tape)
    let pairs = (0..<9).map { ImageTextPair(image: $0 / 3, text: $0 % 3) }
    let logits = model.match(model.join(seen, read, pairs, tape), tape).values()
    let expected = pairs.indices.map { logits[2 * $0 + 1] - logits[2 * $0] }
    let matcher = PairMatcher(model, engine)
    var products: [Int] = []
    for _ in 0..<2 {
      let before = engine.matrixProducts
      let scores = matcher.scores(pairs, seen, read)
      #expect(difference(scores, expected, relative: 1e-5, scale: .largest) == nil)
      products.append(engine.matrixProducts - before)
    }
    // A layer has four products, and late fusion two of them a layer and modality; only vectors are left.
    #expect(model.hasLayersApart == (products[1] < products[0]), "\(products)")
    if kind.hasPrefix("late") { #expect(products[1] <= 4, "\(products)") }
    // Others are read anew.
    let again = PackedText([[1, 3, 2], [1, 8, 2], [1, 5, 4, 6, 2]])
    let others = matcher.scores(pairs, seen, model.textEncoder(again, .all, tape))
    #expect(others[0] != expected[0] && difference(others[1], expected[1], relative: 1e-5, floor: 1e-6) == nil)
    withExtendedLifetime(arena) {}
  }

  private func golden(_ kind: String) throws -> (model: any MatchingModel, arena: ParameterArena, engine: Engine) {
    let name = "fusion-tiny/" + kind
    let weights = try GoldenFile(name + "/model.safetensors")
    let description = try ModelCatalogue.description(json: readFile("\(goldenDirectory)/\(name)/config.json"))
    let builder = ParameterBuilder()
    let model = try #require(description.make(builder) as? any MatchingModel)
    let arena = ParameterArena(builder) { _ in true }
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
    return (model, arena, Engine(threadCount: 1))
  }
}
