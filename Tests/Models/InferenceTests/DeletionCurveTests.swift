import Inference
import TestSupport
import Testing

/// Deletion curves of a score whose parts are known.
@Suite struct DeletionCurveTests {
  private static let worth: [Float] = [4, 1, 0, 3, 2]

  /// The score is what is left of the parts' worth.
  private func curve(_ relevance: [Float], steps: Int = 20, draws: Int = 30) -> DeletionCurve {
    DeletionCurve(relevance: relevance, steps: steps, draws: draws) { sets in
      sets.map { gone in Self.worth.indices.filter { !gone.contains($0) }.reduce(0) { $0 + Self.worth[$1] } }
    }
  }

  /// 10, then without 4, 3, 2, 1, 0: trapezoids of the mean over five steps.
  @Test func theRightMapFallsSoonest() {
    let right = curve(Self.worth)
    #expect(right.removed == [0, 1, 2, 3, 4, 5] && right.scores == [10, 6, 3, 1, 0, 0])
    #expect(abs(right.area - (8 + 4.5 + 2 + 0.5 + 0) / 5) < 1e-6)
    #expect(right.randomAreas.allSatisfy { $0 >= right.area - 1e-6 } && right.randomArea > right.area + 1)
    let wrong = curve(Self.worth.map { -$0 })
    #expect(wrong.scores == [10, 10, 9, 7, 4, 0] && wrong.area > wrong.randomArea)
    // Over all orders a part is gone half of the way on the mean.
    #expect(abs(right.randomArea - 5) < 1)
  }

  @Test func randomOrdersHangOnNothingElse() {
    let (one, other) = (curve(Self.worth), curve([1, 1, 1, 1, 1]))
    #expect(one.random == other.random && one.random.count == 30 && Set(one.random).count > 10)
    #expect(one.random.allSatisfy { $0.first == 10 && $0.last == 0 })
    #expect(other.scores == [10, 6, 5, 5, 2, 0], "equal ones go in their order")
  }

  @Test func fewerPointsThanPartsAreSpreadEvenly() {
    let few = curve(Self.worth, steps: 2, draws: 1)
    #expect(few.removed == [0, 3, 5] && few.scores == [10, 1, 0])
    #expect(abs(few.area - (3 * 5.5 + 2 * 0.5) / 5) < 1e-6)
  }
}
