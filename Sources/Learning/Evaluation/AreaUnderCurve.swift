/// The probability that an item of a kind scores above another one, ties counting half: the area under the receiver operating
/// characteristic.
struct AreaUnderCurve {
  private let sorted: [ScoredItem]

  init(_ items: [ScoredItem]) { sorted = items.sorted() }

  /// The Mann–Whitney statistic over the number of pairs of one of the kind and another, each as often as its image is there; NaN where
  /// all are of one kind. Twice the statistic is a whole number, so the result does not depend on the order of the items.
  func value(_ times: [Int]) -> Double {
    var (others, matching, doubled) = (0, 0, 0)
    var start = 0
    while start < sorted.count {
      var (tiedOthers, tiedMatching) = (0, 0)
      var end = start
      while end < sorted.count, sorted[end].ties(with: sorted[start]) {
        if sorted[end].label {
          tiedMatching += times[sorted[end].image]
        } else {
          tiedOthers += times[sorted[end].image]
        }
        end += 1
      }
      doubled += tiedMatching * (2 * others + tiedOthers)
      others += tiedOthers
      matching += tiedMatching
      start = end
    }
    return others > 0 && matching > 0 ? Double(doubled) / Double(2 * others * matching) : .nan
  }

  /// How many items have a score on the right side of 0, and how many there are.
  func rightOfZero(_ times: [Int]) -> (right: Int, total: Int) {
    sorted.reduce(into: (right: 0, total: 0)) { sums, item in
      sums.total += times[item.image]
      sums.right += item.isRight ? times[item.image] : 0
    }
  }
}

/// A score with its label, in an order where NaN lies below all scores of the kind and above all others.
struct ScoredItem: Comparable {
  let score: Double
  let label: Bool
  let image: Int
  private let level: Int

  init(_ score: Double, _ label: Bool, _ image: Int) {
    (self.score, self.label, self.image) = (score.isNaN ? 0 : score, label, image)
    level = !score.isNaN ? 0 : label ? -1 : 1
  }

  /// Whether the score is a number on the right side of 0.
  var isRight: Bool { level == 0 && (score >= 0) == label }

  static func < (a: ScoredItem, b: ScoredItem) -> Bool { (a.level, a.score) < (b.level, b.score) }

  func ties(with other: ScoredItem) -> Bool { level == other.level && score == other.score }
}
