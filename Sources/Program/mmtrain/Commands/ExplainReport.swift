internal import Inference
internal import Models
internal import Reporting

/// What `mmtrain explain` prints for people.
struct ExplainReport {
  private let explanation: Explanation

  init(_ explanation: Explanation) { self.explanation = explanation }

  /// Places that are listed.
  private static let shownPlaces = 5

  var text: String { ([score, words, places] + notes + [deletion]).joined(separator: "\n") }

  private var score: String {
    let score = explanation.score
    let probability = score.probability.map { ": \(percent($0))" } ?? ""
    return "\(score.name) \(decimals(Double(score.value), 3))\(probability)\n"
  }

  private var words: String {
    let shares = explanation.words.map(\.relevance).shares
    return zip(explanation.words, shares).map { column(percent($1), 10) + "  \(printable($0.text))\n" }.joined()
  }

  private var places: String {
    let shares = explanation.places.map(\.relevance).shares
    let strongest = shares.indices.sorted { (shares[$1], $0) < (shares[$0], $1) }.prefix(Self.shownPlaces)
    return "the strongest of \(shares.count) \(parts), in percent from the left and from the top\n"
      + strongest.map { place in
        let box = explanation.places[place].box
        return column(percent(shares[place]), 10) + "  \(edge(box.left))–\(edge(box.right)), "
          + "\(edge(box.top))–\(edge(box.bottom))\n"
      }.joined()
  }

  /// What places are called.
  private var parts: String { explanation.kind == .cells ? "places" : "regions" }

  private func edge(_ share: Float) -> String { decimals(100 * Double(share), 0) }

  private var notes: [String] {
    (explanation.wordsStandAlone
      ? ["in this model words and places never meet: each by itself leads to the score\n"] : [])
      + (explanation.isTextCut ? ["the text is longer than the model reads: its end was cut off\n"] : [])
  }

  /// The areas under the deletion curves: the smaller the first beside the second, the better the map.
  private var deletion: String {
    let (places, words) = explanation.deletions
    let rows = [(parts, places), ("words", words)].map { name, curve in
      column(name, 10, left: true) + column(decimals(Double(curve.area), 3), 10)
        + column(decimals(Double(curve.randomArea), 3), 10) + "\n"
    }
    return column("deletion", 10, left: true) + column("the map", 10) + column("random", 10) + "\n" + rows.joined()
  }
}
