internal import Randomness

/// Which cases of a split are shown: half of what is right and half of what is wrong, so that neither is missing where one is rare.
package struct ShownChoice: Equatable {
  /// In the order in which they are shown: what is right first.
  package let cases: [Int]
  private let shown: (right: Int, wrong: Int)
  private let all: (right: Int, wrong: Int)

  /// Drawn by chance, the same ones in every measuring of the split.
  /// - Parameter count: where one half has too few, the other has more.
  package init(drawnFrom isRight: [Bool], count: Int) {
    func shuffled(_ wanted: Bool) -> [Int] {
      var cases = isRight.indices.filter { isRight[$0] == wanted }
      var random = RandomStream(seed: 0, .shownCases, wanted ? 1 : 0)
      random.shuffle(&cases)
      return cases
    }
    self.init(right: shuffled(true), wrong: shuffled(false), count: count)
  }

  /// The first ones of each.
  package init(right: [Int], wrong: [Int], count: Int) {
    let wrongCount = min(wrong.count, max(count / 2, count - right.count))
    let rightCount = min(right.count, count - wrongCount)
    (shown, all) = ((rightCount, wrongCount), (right.count, wrong.count))
    cases = Array(right.prefix(rightCount) + wrong.prefix(wrongCount))
  }

  /// - Parameters:
  ///   - right, wrong: what the cases of either half are, as "captions whose photo was found first".
  ///   - how: by what they were chosen.
  package func sentence(right: String, wrong: String, how: String) -> String {
    "\(shown.right) of the \(all.right) \(right), and \(shown.wrong) of the \(all.wrong) \(wrong), \(how)."
  }

  package static let byChance = "drawn by chance, the same ones every time"

  package static func == (a: ShownChoice, b: ShownChoice) -> Bool {
    a.cases == b.cases && a.shown == b.shown && a.all == b.all
  }
}
