public import TensorEngine

/// Scores pairs by the matching head, a bounded number at a time. What its join makes of images and texts apart is made once for all
/// pairs of the same encodings.
public struct PairMatcher {
  public let model: any MatchingModel
  let engine: Engine
  private let isCut: () -> Bool
  private let chunk = 128
  private let known = (images: LastEncoding(), texts: LastEncoding())

  /// - Parameter isCut: where it says so, what was begun is not finished; its result is then worth nothing.
  public init(_ model: any MatchingModel, _ engine: Engine, isCut: @escaping () -> Bool = { false }) {
    (self.model, self.engine, self.isCut) = (model, engine, isCut)
  }

  /// For each pair how much more likely a match is than none: the difference of the two logits, whose sigmoid is the
  /// probability of a match.
  public func scores(_ pairs: [ImageTextPair], _ images: Encoding, _ texts: Encoding) -> [Float] {
    let images = known.images(images) { apart($0, model.apart(images:_:)) }
    let texts = known.texts(texts) { apart($0, model.apart(texts:_:)) }
    return stride(from: 0, to: pairs.count, by: chunk).flatMap { start in
      isCut() ? [] : scoresAtOnce(Array(pairs[start..<min(start + chunk, pairs.count)]), images, texts)
    }
  }

  /// A bounded number of segments at a time.
  private func apart(_ whole: Encoding, _ make: (Encoding, Tape) -> Encoding) -> Encoding {
    guard model.hasLayersApart else { return whole }
    return engine.joined(
      stride(from: 0, to: whole.count, by: chunk).map { start in
        let tape = Tape(engine, recording: false)
        return make(whole.selecting(Array(start..<min(start + chunk, whole.count)), tape), tape)
      })
  }

  private func scoresAtOnce(_ pairs: [ImageTextPair], _ images: Encoding, _ texts: Encoding) -> [Float] {
    let tape = Tape(engine, recording: false)
    let (usedImages, imagePlaces) = compact(pairs.map(\.image))
    let (usedTexts, textPlaces) = compact(pairs.map(\.text))
    let join = model.hasLayersApart ? model.meet : model.join
    let joint = join(
      images.selecting(usedImages, tape), texts.selecting(usedTexts, tape),
      zip(imagePlaces, textPlaces).map { ImageTextPair(image: $0, text: $1) }, tape)
    let logits = model.match(joint, tape).values()
    return pairs.indices.map { logits[2 * $0 + 1] - logits[2 * $0] }
  }

  /// What was made of an encoding last.
  private final class LastEncoding {
    private var last: (of: Encoding, made: Encoding)?

    func callAsFunction(_ encoding: Encoding, make: (Encoding) -> Encoding) -> Encoding {
      if let last, last.of.states === encoding.states { return last.made }
      let made = make(encoding)
      last = (encoding, made)
      return made
    }
  }

  /// The different segments in ascending order, and for each use its place among them.
  private func compact(_ segments: [Int]) -> (used: [Int], places: [Int]) {
    let used = Set(segments).sorted()
    var place: [Int: Int] = [:]
    for (index, segment) in used.enumerated() { place[segment] = index }
    return (used, segments.map { place[$0] ?? 0 })
  }
}
