public import Batching
public import Collectives
internal import Models
internal import Pretrained
internal import TensorEngine

/// Photos with the scores of texts for them.
public struct MatchedPhotos: Sendable {
  public let scores: MatchScores
  /// The place in the collection of each photo that was scored.
  public let places: [Int]
  public let problems: [PhotoProblem]
  /// The names of those whose beginning alone counts: animated pictures, of which the first frame does, and clips longer than is heard.
  public let shortened: [String]
  /// Texts that are longer than the model reads, and were cut.
  public let cutTexts: Int

  init(_ scores: MatchScores, _ photos: EncodedPhotos, cutTexts: Int) {
    (self.scores, places, problems, shortened) = (scores, photos.places, photos.problems, photos.shortened)
    self.cutTexts = cutTexts
  }
}

extension LoadedModel {
  /// Scores all pairs of photos and texts: by their features, or by the matching head of a model that has none. The same on
  /// any number of ranks. Collective.
  /// - Parameter choice: nil takes what the model learnt, as `match(images:texts:over:)` does for features; pairs for a head.
  /// - Throws: `InferenceError.noMatches` for a model with neither; what `encode` throws of photos.
  public func match(
    _ photos: any PhotoCollection, _ texts: [String], over choice: MatchScores.Choice? = nil,
    _ settings: PhotoEncoding = PhotoEncoding(), _ communicator: any Communicator = SoloCommunicator()
  ) throws -> MatchedPhotos {
    guard model is any SharedSpaceModel else {
      return try matchByHead(photos, texts, over: choice, settings, communicator)
    }
    let encodedTexts = try encode(texts, communicator)
    let encodedPhotos = try encode(photos, settings, communicator)
    return MatchedPhotos(
      match(images: encodedPhotos.features, texts: encodedTexts.features, over: choice), encodedPhotos,
      cutTexts: encodedTexts.cutTexts)
  }

  /// Each rank scores all texts for some of the photos: a row a photo, in which a text's logit is that of a match less that of
  /// none.
  private func matchByHead(
    _ photos: any PhotoCollection, _ texts: [String], over choice: MatchScores.Choice?, _ settings: PhotoEncoding,
    _ communicator: any Communicator
  ) throws -> MatchedPhotos {
    guard let model = model.matching else {
      throw InferenceError.noMatches(path: directory.path, model: model.description.name)
    }
    let matcher = PairMatcher(model, engine)
    let different = DifferentTexts(texts, directory.tokenizer, contextLength: contextLength)
    let read = model.textEncoder(different.packed(0..<different.count), .all, tape())
    let scored = try rows(of: photos, width: texts.count, settings, communicator) { images in
      let seen = model.imageEncoder(images, .all, tape())
      let pairs = (0..<seen.count).flatMap { image in
        different.placeOfText.map { ImageTextPair(image: image, text: $0) }
      }
      return matcher.scores(pairs, seen, read)
    }
    let scores = MatchScores(
      logits: scored.features.values, images: scored.features.count, texts: texts.count, over: choice ?? .pairs)
    return MatchedPhotos(scores, scored, cutTexts: different.cutTexts)
  }
}
