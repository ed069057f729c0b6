import Layers
import Models
import Objectives
import TensorEngine
import TestSupport
import Testing

/// What is not trained receives no gradient and costs no backward pass; everything else receives the gradient that it
/// would have received anyway.
@Suite struct FrozenParametersTests {
  /// With three blocks in each tower, and what is frozen of them.
  static let cases: [ObjectiveCase] = {
    let isLow: @Sendable (String) -> Bool = { name in
      ["embeddings.", "pre_layrnorm.", "layers.0.", "layers.1."].contains { name.contains($0) }
    }
    return ObjectiveCase.all.flatMap { example in
      [
        example.with(layers: 3).frozen { $0.hasPrefix("vision_model.") || $0.hasPrefix("visual_projection.") },
        example.with(layers: 3).frozen(isLow), example.with(layers: 3).frozen { $0.hasSuffix(".bias") },
        example.with(layers: 3).frozen { $0.hasSuffix("norm1.weight") || $0.hasPrefix("logit_") },
      ].filter(freezesSomething)
    }
  }()

  private static func freezesSomething(_ example: ObjectiveCase) -> Bool {
    let builder = ParameterBuilder()
    _ = example.description.make(builder)
    return builder.parameters.contains { example.isFrozen($0.slices[0].name) }
  }

  /// Where an arena of which all is learnt holds what is learnt here, each parameter with the gap behind it.
  private static func learntRanges(_ example: ObjectiveCase) -> [Range<Int>] {
    let builder = ParameterBuilder()
    _ = example.description.make(builder)
    return ParameterArena(builder).parameters.filter { !example.isFrozen($0.slices[0].name) }.map {
      $0.slices[0].offset..<($0.slices[0].offset + $0.count + 15) & ~15
    }
  }

  @Test(arguments: cases)
  func theRestReceivesTheSameBits(_ example: ObjectiveCase) throws {
    let expected = try example.frozen { _ in false }.gradients(ranks: 1)
    let gradients = Self.learntRanges(example).flatMap { expected.gradients[$0] }
    #expect(gradients.count < expected.gradients.count)

    let frozen = try example.gradients(ranks: 1)
    #expect(frozen.loss == expected.loss)
    #expect(frozen.gradients == gradients)
    #expect(gradients.contains { $0 != 0 })
    let again = try example.gradients(ranks: 1, recomputesBlocks: true)
    #expect(again.gradients == gradients)
    for ranks in [2, 3, 5] {
      let many = try example.gradients(ranks: ranks)
      #expect(difference(many.gradients, gradients, relative: 1e-5, scale: .largest) == nil, "\(ranks) ranks")
      guard !example.weights.looksAtTokens else { continue }
      // Of five ranks some have two parts and some three.
      let parts = try example.gradients(ranks: ranks, micro: 1)
      #expect(difference(parts.gradients, gradients, relative: 1e-5, scale: .largest) == nil, "\(ranks) ranks, parts")
    }
  }

  /// A locked image tower runs forwards alone: of the three products of each of its layers one is left.
  @Test func aFrozenTowerHasNoBackwardPass() throws {
    let example = ObjectiveCase.all[0].with(layers: 6)
    let locked = example.frozen { $0.hasPrefix("vision_model.") || $0.hasPrefix("visual_projection.") }
    // A block's four products, twice backwards; the patches' has one gradient, the projection's two.
    let backward = 6 * 4 * 2 + 1 + 2
    // And the loss does not pass its gradient on to the images: two products.
    let saved = try example.gradients(ranks: 1).matrixProducts - locked.gradients(ranks: 1).matrixProducts
    #expect(saved == backward + 2)
    // In parts it does not run twice either: the other tower alone does.
    let parts = try locked.gradients(ranks: 1, micro: 6).matrixProducts
    let both = try example.gradients(ranks: 1, micro: 6).matrixProducts
    #expect(both - parts == 2 * backward + 2 + 6 * 4 + 2)
  }

  @Test func aFrozenTowerKeepsNothing() throws {
    let example = ObjectiveCase.all[0].with(layers: 12)
    let none = try example.gradients(ranks: 1).reservedBytes
    let locked = try example.frozen { $0.hasPrefix("vision_model.") }.gradients(ranks: 1).reservedBytes
    let most = try example.frozen { $0.hasPrefix("vision_model.") || $0.hasPrefix("text_model.") }
      .gradients(ranks: 1).reservedBytes
    print("reserved: \(none) bytes, with a frozen image tower \(locked), with both towers frozen \(most)")
    #expect(locked * 10 < none * 9)
    #expect(most * 3 < none)
  }
}
