import Models
import Objectives
import TestSupport
import Testing

/// Every objective beside every way in which image and text meet: which models can have which, and that N ranks with b pairs each
/// give the loss and the gradients of one rank with all N · b.
@Suite struct ObjectiveTableTests {
  /// A row a join, a column an objective in the catalogue's order, a cross where the model can have it.
  ///
  ///     contrastive
  ///     | sigmoid
  ///     | | cosine_margin
  ///     | | | pairwise, of models of three modalities (`TrimodalRunTests`)
  ///     | | | | matching
  ///     | | | | | masked_text
  ///     | | | | | | alignment
  ///     | | | | | | | self_critical, of decoders (`SelfCriticalTests`)
  ///     | | | | | | | | masked_regions.features
  ///     | | | | | | | | | masked_regions.classes
  ///     | | | | | | | | | | masked_regions.distribution
  ///     | | | | | | | | | | | masked_regions.pixels
  static let table: [(crosses: String, join: JoinCase)] = [
    ("x x x . . . . . . . . .", .towers),
    (". . . . x x x . x x x .", JoinCase.postNorm[0]),
    (". . . . x x x . x . . x", JoinCase.postNorm[1]),
    (". . . . x x x . . . . x", .preNorm),
    (". . . . x x x . x x x .", JoinCase.coAttention[0]),
    (". . . . x x x . x . . x", JoinCase.coAttention[1]),
    ("x x x . x x x . x . . x", JoinCase.crossAttention[0]),
    ("x x x . x x . . . . . .", JoinCase.crossAttention[1]),
    ("x x x . x . . . x . . x", JoinCase.crossAttention[2]),
    ("x x x . x . . . . . . .", JoinCase.crossAttention[3]),
    ("x x x . x x x . x . . x", .gated),
    (". . . . x x x . x x x .", JoinCase.early[0]),
    (". . . . x x x . x . . x", JoinCase.early[1]),
    (". . . . x x x . . . . x", JoinCase.early[2]),
    (". . . . x . . . . . . .", .late),
    (". . . . x x x . x . . x", .hybrid),
    (". . . . x x x . x . . x", .bottleneck),
    (". . . . x x x . x . . x", .stages),
  ]

  @Test func modelsSayTheTable() {
    for (crosses, join) in Self.table {
      let found = ObjectiveCatalogue.all.map { kind in
        join.learning(JoinCase.settings([kind.name: 1])) == nil ? "." : "x"
      }
      #expect(found.joined(separator: " ") == crosses, "\(join.name)")
    }
  }

  /// Each by itself; where there are features, matching with hard negatives too.
  static let cases: [ObjectiveCase] = table.flatMap { _, join in
    let settings = ObjectiveCatalogue.all.map { JoinCase.settings([$0.name: 1]) }
    var hard = JoinCase.settings(["matching": 1])
    hard.negatives = .hard
    return (settings + [hard]).compactMap { join.learning($0) }
  }

  @Test(arguments: cases) func ranksAddUpToOne(_ example: ObjectiveCase) throws {
    let one = try example.gradients(ranks: 1)
    #expect(one.gradients.contains { $0 != 0 } && one.loss != 0)
    for ranks in [2, 3] {
      let many = try example.gradients(ranks: ranks)
      #expect(difference(many.loss, one.loss, relative: 2e-6) == nil, "loss on \(ranks) ranks")
      #expect(
        difference(many.gradients, one.gradients, relative: 1e-5, floor: 0, scale: .largest) == nil,
        "gradients on \(ranks) ranks")
    }
  }
}
