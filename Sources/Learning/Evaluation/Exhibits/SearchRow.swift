/// The scores of all that may be found for something, in a page's order: the best first, right ones behind wrong ones of the same score, as
/// ties count against the model.
package struct SearchRow {
  private let order: [Int]
  private let scores: [Float]
  private let own: Set<Int>
  /// Of the best of the right ones, from 1.
  package let rank: Int
  /// The best of the right ones.
  package let right: Int

  /// - Parameter own: the right ones, at least one.
  package init(_ scores: [Float], own: [Int]) {
    let own = Set(own)
    (self.scores, self.own) = (scores, own)
    // What is no number counts against the model.
    let keys = scores.indices.map { place in
      scores[place].isNaN ? (own.contains(place) ? -Float.infinity : .infinity) : scores[place]
    }
    order = scores.indices.sorted { a, b in
      if keys[a] != keys[b] { return keys[a] > keys[b] }
      return own.contains(a) == own.contains(b) ? a < b : own.contains(b)
    }
    let first = order.firstIndex { own.contains($0) } ?? 0
    (rank, right) = (first + 1, order[first])
  }

  /// How many may be found.
  package var count: Int { scores.count }

  /// The nearest.
  package func found(_ count: Int, _ item: (Int) throws -> ShownSearch.Item) rethrows -> [ShownSearch.Found] {
    try order.prefix(count).map {
      ShownSearch.Found(item: try item($0), score: scores[$0], isRight: own.contains($0))
    }
  }
}
