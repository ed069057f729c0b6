public import Batching
internal import Images
public import Models
internal import Pretrained
internal import TensorEngine
internal import Tokenization

/// How a photo and a text are explained.
public struct ExplanationSettings: Sendable {
  public var method = ExplanationMethod.relevance
  /// Points of a deletion curve at most.
  public var steps = 20
  /// Random orders beside the map's.
  public var draws = 8

  public init() {}
}

extension LoadedModel {
  /// Says where the score of a photo and a text comes from.
  /// - Parameters:
  ///   - photo: its place in the collection.
  ///   - regions: of the photo, which has this size; nil where none are given.
  ///   - scorer: what the score is; nil for how well the two fit.
  /// - Throws: `ExplanationError`; `InferenceError.needsRegions` for a model that looks at regions, where none are given,
  ///   `.needsNoRegions` where they mean nothing, `.badRegions`, `.noWords` for a text without one, `.badPhoto`; what `regions`
  ///   throws.
  public func explain(
    _ photos: any PhotoCollection, at photo: Int = 0, _ text: String,
    _ settings: ExplanationSettings = ExplanationSettings(),
    regions: ((_ width: Int, _ height: Int) throws -> RegionFeatures)? = nil, scorer: (any PairScorer)? = nil
  ) throws -> Explanation {
    let (path, name) = (directory.path, directory.description.name)
    let words = TextWords(text, directory.tokenizer, contextLength: contextLength)
    guard !words.words.isEmpty else { throw InferenceError.noWords(text: text) }
    let towers = model as? any ImageModel & TextModel
    let explain =
      if let scorer, let towers { PairExplainer(towers, scorer, engine) } else { try PairExplainer(model, engine) }
    let encoder = explain.model.imageEncoder
    let explained: any ExplainedImage
    switch directory.description.images {
    case .pictures:
      if regions != nil { throw InferenceError.needsNoRegions(path: path, model: name) }
      let picture = directory.preprocessing.evaluationPixels(try image(photos, at: photo))
      explained = ExplainedPicture(picture, directory.preprocessing, encoder, engine)
    case .regions(let shape):
      guard let regions else { throw InferenceError.needsRegions(path: path, model: name) }
      let picture = try image(photos, at: photo)
      let found = try regions(picture.width, picture.height)
      do {
        try RegionLimits(width: shape.width, count: shape.limit).check(found)
      } catch {
        throw InferenceError.badRegions(name: photos.name(at: photo), reason: error.reason)
      }
      explained = ExplainedRegions(picture.within(Self.shownSide), found, encoder, engine)
    case .clips: throw InferenceError.hearsClips(path: path, model: name)
    case .frames: throw ExplanationError.looksAtFrames(model: name)
    }
    guard !explained.places.isEmpty else { throw ExplanationError.noPlaces(model: name) }
    return try PhotoExplanation(explain: explain, engine: engine, image: explained, words: words, settings: settings)
      .explanation()
  }

  /// The longer side of a photo that is shown and not read.
  private static let shownSide = 768

  private func image(_ photos: any PhotoCollection, at place: Int) throws -> Image {
    var image: Image?
    do {
      try photos.withBytes(at: place) { image = try decodePicture($0, limits: photos.limits(at: place)) }
    } catch let problem as PictureError {
      throw InferenceError.badPhoto(name: photos.name(at: place), problem: problem)
    }
    guard let image else { preconditionFailure("a collection lends the bytes of its photos") }
    return image
  }
}

extension Image {
  /// The same, made smaller where its longer side has more pixels.
  fileprivate func within(_ side: Int) -> Image {
    let longer = max(width, height)
    guard longer > side else { return self }
    return resize(
      self, width: max(1, width * side / longer), height: max(1, height * side / longer), filter: .bilinear)
  }
}

/// An image and a text on their way to an explanation.
private struct PhotoExplanation {
  let explain: PairExplainer
  let engine: Engine
  let image: any ExplainedImage
  let words: TextWords
  let settings: ExplanationSettings

  func explanation() throws -> Explanation {
    let whole = try pair(words.ids)
    let relevance = (
      places: relevance(ofPlacesIn: whole.relevanceOfPlaces),
      words: relevance(ofWordsIn: whole.relevance(of: .text))
    )
    return Explanation(
      method: settings.method,
      score: ExplainedScore(
        name: explain.scorer.name, value: whole.score, probability: explain.scorer.probability(whole.score)),
      picture: image.picture, kind: image.kind,
      places: zip(image.places, relevance.places).map { ExplainedPlace(box: $0.box, relevance: $1) },
      words: try words.words.indices.map { word in
        ExplainedWord(
          text: words.text(of: word), relevance: relevance.words[word], places: try placesOf(word, in: whole))
      }, wordsStandAlone: !whole.streamsMeet, isTextCut: words.isCut,
      deletions: (
        DeletionCurve(
          relevance: relevance.places, steps: settings.steps, draws: settings.draws, scores: withoutPlaces),
        DeletionCurve(
          relevance: relevance.words, steps: settings.steps, draws: settings.draws, scores: withoutWords)
      ))
  }

  private func pair(_ ids: [Int32]) throws -> PairExplanation {
    try explain(image.without([[]]), PackedText([ids]), by: settings.method)
  }

  // MARK: Tokens

  /// A place has what its tokens have, and so has a word.
  private func relevance(ofPlacesIn tokens: [Float]) -> [Float] {
    image.places.map { place in place.tokens.reduce(0) { $0 + tokens[$1] } }
  }

  private func relevance(ofWordsIn tokens: [Float]) -> [Float] {
    words.words.map { word in word.reduce(0) { $0 + tokens[row($1)] } }
  }

  /// The row of a token: an encoder may have put some of its own behind the first.
  private func row(_ token: Int) -> Int { token == 0 ? 0 : token + explain.model.textEncoder.insertedTokens }

  private func placesOf(_ word: Int, in whole: PairExplanation) throws -> [Float] {
    guard whole.streamsMeet else {
      return relevance(ofPlacesIn: try pair(words.alone(word)).relevanceOfPlaces)
    }
    let rows = words.words[word].map { relevance(ofPlacesIn: whole.placesOfWords[row($0)]) }
    return image.places.indices.map { place in rows.reduce(0) { $0 + $1[place] } }
  }

  // MARK: Deletion

  /// Pictures at once.
  private static let chunk = 16

  private func withoutPlaces(_ sets: [[Int]]) -> [Float] {
    let text = PackedText([words.ids])
    return stride(from: 0, to: sets.count, by: Self.chunk).flatMap { start in
      let some = Array(sets[start..<min(start + Self.chunk, sets.count)])
      return shown(
        explain.scores(image.without(some), text, some.indices.map { ImageTextPair(image: $0, text: 0) }))
    }
  }

  private func withoutWords(_ sets: [[Int]]) -> [Float] {
    let texts = sets.map(words.without)
    return shown(
      explain.scores(image.without([[]]), PackedText(texts), texts.indices.map { ImageTextPair(image: 0, text: $0) }))
  }

  private func shown(_ scores: [Float]) -> [Float] { scores.map { explain.scorer.probability($0) ?? $0 } }
}
