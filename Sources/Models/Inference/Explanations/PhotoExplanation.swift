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
  /// - Parameter photo: its place in the collection.
  /// - Throws: `ExplanationError`; `InferenceError.readsRegions` for a model that looks at no photos, `.noWords` for a text without
  ///   one, `.badPhoto`.
  public func explain(
    _ photos: any PhotoCollection, at photo: Int = 0, _ text: String,
    _ settings: ExplanationSettings = ExplanationSettings()
  ) throws -> Explanation {
    guard directory.description.images.side != nil else {
      throw InferenceError.readsRegions(path: directory.path, model: directory.description.name)
    }
    let words = TextWords(text, directory.tokenizer, contextLength: contextLength)
    guard !words.words.isEmpty else { throw InferenceError.noWords(text: text) }
    let picture = directory.preprocessing.evaluationPixels(try image(photos, at: photo))
    return try PhotoExplanation(self, picture, words, settings).explanation()
  }

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

/// A photo and a text on their way to an explanation.
private struct PhotoExplanation {
  let model: LoadedModel
  let explain: PairExplainer
  let picture: Image
  let pictures: OccludedPictures
  let words: TextWords
  let settings: ExplanationSettings
  /// The image tokens that stand for a part of the picture, and these parts.
  let places: [(token: Int, box: Box)]

  init(
    _ model: LoadedModel, _ picture: Image, _ words: TextWords, _ settings: ExplanationSettings
  ) throws(ExplanationError) {
    (self.model, self.picture) = (model, picture)
    pictures = OccludedPictures(picture, model.directory.preprocessing)
    (self.words, self.settings) = (words, settings)
    explain = try PairExplainer(model.model, model.engine)
    let boxes = explain.model.imageEncoder.boxes(of: pictures.without([[]], model.engine))
    places = (boxes?.first ?? []).enumerated().filter { $1 != .whole }.map { ($0, $1) }
    if places.isEmpty { throw .noPlaces(model: model.model.description.name) }
  }

  func explanation() throws -> Explanation {
    let whole = try pair(words.ids)
    let relevance = (
      places: relevance(ofPlacesIn: whole.relevance(of: .image)),
      words: relevance(ofWordsIn: whole.relevance(of: .text))
    )
    return Explanation(
      method: settings.method,
      score: ExplainedScore(
        name: explain.scorer.name, value: whole.score, probability: explain.scorer.probability(whole.score)),
      picture: picture, places: zip(places, relevance.places).map { ExplainedPlace(box: $0.box, relevance: $1) },
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
    try explain(pictures.without([[]], model.engine), PackedText([ids]), by: settings.method)
  }

  // MARK: Tokens

  private func relevance(ofPlacesIn tokens: [Float]) -> [Float] { places.map { tokens[$0.token] } }

  /// A word has what its tokens have.
  private func relevance(ofWordsIn tokens: [Float]) -> [Float] {
    words.words.map { word in word.reduce(0) { $0 + tokens[row($1)] } }
  }

  /// The row of a token: an encoder may have put some of its own behind the first.
  private func row(_ token: Int) -> Int { token == 0 ? 0 : token + explain.model.textEncoder.insertedTokens }

  private func placesOf(_ word: Int, in whole: PairExplanation) throws -> [Float] {
    guard whole.streamsMeet else {
      return relevance(ofPlacesIn: try pair(words.alone(word)).relevance(of: .image))
    }
    let rows = words.words[word].map { whole.placesOfWords[row($0)] }
    return places.map { place in rows.reduce(0) { $0 + $1[place.token] } }
  }

  // MARK: Deletion

  /// Pictures at once.
  private static let chunk = 16

  private func withoutPlaces(_ sets: [[Int]]) -> [Float] {
    let text = PackedText([words.ids])
    return stride(from: 0, to: sets.count, by: Self.chunk).flatMap { start in
      let boxes = sets[start..<min(start + Self.chunk, sets.count)].map { $0.map { places[$0].box } }
      return shown(
        explain.scores(
          pictures.without(boxes, model.engine), text, boxes.indices.map { ImageTextPair(image: $0, text: 0) }))
    }
  }

  private func withoutWords(_ sets: [[Int]]) -> [Float] {
    let texts = sets.map(words.without)
    return shown(
      explain.scores(
        pictures.without([[]], model.engine), PackedText(texts),
        texts.indices.map { ImageTextPair(image: 0, text: $0) }))
  }

  private func shown(_ scores: [Float]) -> [Float] { scores.map { explain.scorer.probability($0) ?? $0 } }
}
