public import Inference
internal import Models
public import Reporting

extension Explanation {
  /// All of its numbers, for programs.
  public func document(model: String, image: String, text: String) -> OrderedJSON {
    let placeShares = places.map(\.relevance).shares
    let wordShares = words.map(\.relevance).shares
    return .object([
      ("model", .text(model)), ("method", .text(method.rawValue)), ("image", .text(image)), ("text", .text(text)),
      ("text_was_cut", .flag(isTextCut)),
      (
        "score",
        .object([
          ("name", .text(score.name)), ("value", .float(score.value)),
          ("probability", score.probability.map { .float($0) } ?? .null),
        ])
      ),
      ("words_stand_alone", .flag(wordsStandAlone)), ("places_are", .text(kind.rawValue)),
      (
        "words",
        .list(
          zip(words, wordShares).map { word, share in
            .object([
              ("text", .text(word.text)), ("relevance", .float(word.relevance)), ("share", .float(share)),
              ("places", .list(word.places.map { .float($0) })),
            ])
          })
      ),
      (
        "places",
        .list(
          zip(places, placeShares).map { place, share in
            let box = place.box
            return .object([
              ("box", .list([box.left, box.top, box.right, box.bottom].map { .float($0) })),
              ("relevance", .float(place.relevance)), ("share", .float(share)),
            ])
          })
      ),
      ("deletion", .object([("places", deletions.places.json), ("words", deletions.words.json)])),
    ])
  }
}

extension DeletionCurve {
  fileprivate var json: OrderedJSON {
    let list = { (values: [Float]) in OrderedJSON.list(values.map { .float($0) }) }
    return .object([
      ("parts", .integer(parts)), ("removed", .list(removed.map { .integer($0) })), ("scores", list(scores)),
      ("area", .float(area)), ("random_scores", .list(random.map(list))), ("random_area", .float(randomArea)),
      ("random_areas", list(randomAreas)),
    ])
  }
}
