public import TensorEngine

/// Scores pairs by the matching head, a bounded number at a time.
public struct PairMatcher {
  public let model: any MatchingModel
  let engine: Engine
  private let isCut: () -> Bool
  private let chunk = 128

  /// - Parameter isCut: where it says so, what was begun is not finished; its result is then worth nothing.
  public init(_ model: any MatchingModel, _ engine: Engine, isCut: @escaping () -> Bool = { false }) {
    (self.model, self.engine, self.isCut) = (model, engine, isCut)
  }

  /// For each pair how much more likely a match is than none: the difference of the two logits, whose sigmoid is the
  /// probability of a match.
  public func scores(_ pairs: [ImageTextPair], _ images: Encoding, _ texts: Encoding) -> [Float] {
    stride(from: 0, to: pairs.count, by: chunk).flatMap { start in
      isCut() ? [] : scoresAtOnce(Array(pairs[start..<min(start + chunk, pairs.count)]), images, texts)
    }
  }

  private func scoresAtOnce(_ pairs: [ImageTextPair], _ images: Encoding, _ texts: Encoding) -> [Float] {
    let tape = Tape(engine, recording: false)
    let (usedImages, imagePlaces) = compact(pairs.map(\.image))
    let (usedTexts, textPlaces) = compact(pairs.map(\.text))
    let joint = model.join(
      images.selecting(usedImages, tape), texts.selecting(usedTexts, tape),
      zip(imagePlaces, textPlaces).map { ImageTextPair(image: $0, text: $1) }, tape)
    let logits = model.match(joint, tape).values()
    return pairs.indices.map { logits[2 * $0 + 1] - logits[2 * $0] }
  }

  /// The different segments in ascending order, and for each use its place among them.
  private func compact(_ segments: [Int]) -> (used: [Int], places: [Int]) {
    let used = Set(segments).sorted()
    var place: [Int: Int] = [:]
    for (index, segment) in used.enumerated() { place[segment] = index }
    return (used, segments.map { place[$0] ?? 0 })
  }
}
