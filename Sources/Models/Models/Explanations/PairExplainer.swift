public import TensorEngine

/// Asks a model what in an image and a text its score of the two comes from.
///
/// Nothing here knows models: encoders and joins name the tokens that their attentions connect, and the score says whose
/// states it is made of.
public struct PairExplainer {
  public let model: any ImageModel & TextModel
  public let scorer: any PairScorer
  private let engine: Engine

  /// A matching head is asked rather than features: it knows what words and places have to do with each other.
  /// - Parameter engine: of single precision.
  /// - Throws: `ExplanationError.noScore`.
  public init(_ model: any Model, _ engine: Engine) throws(ExplanationError) {
    self.engine = engine
    if let matching = model.matching {
      (self.model, scorer) = (matching, MatchScorer(model: matching))
    } else if let features = model as? any FeatureModel {
      (self.model, scorer) = (features, CosineScorer(model: features))
    } else {
      throw .noScore(model: model.description.name)
    }
  }

  /// Another score than the model's own of how well the two fit.
  public init(_ model: any ImageModel & TextModel, _ scorer: any PairScorer, _ engine: Engine) {
    (self.model, self.scorer, self.engine) = (model, scorer, engine)
  }

  /// Of the first image with the first text, which are to be alone. The weights should be frozen: their gradients would be
  /// computed as well.
  public func callAsFunction(
    _ images: ImageInput, _ texts: PackedText, by method: ExplanationMethod
  ) throws -> PairExplanation {
    let record = AttentionRecord()
    let tape = Tape(engine, attention: record)
    let text = differentiable(model.textEncoder(texts, .all, tape))
    let image = differentiable(model.imageEncoder(images, .all, tape))
    let score = scorer.differentiable(image, text, tape)
    guard score.value.isFinite else { throw ExplanationError.notFinite(score: score.value) }
    try tape.backward(from: score.outputs)
    let relations = try method.relations(
      record,
      streams: [
        TokenSpan(stream: Modality.text.stream, count: text.states.rows),
        TokenSpan(stream: Modality.image.stream, count: image.states.rows),
      ])
    return PairExplanation(
      score: score, relations: relations, maps: record.maps, placeTokens: model.imageEncoder.placeTokens)
  }

  /// Of pairs without an explanation.
  public func scores(_ images: ImageInput, _ texts: PackedText, _ pairs: [ImageTextPair]) -> [Float] {
    let tape = Tape(engine, recording: false)
    return scorer.scores(
      model.imageEncoder(images, .all, tape), model.textEncoder(texts, .all, tape), pairs, engine)
  }

  /// An encoder without attention has made states that no gradient would reach: it reaches these, and stops there.
  private func differentiable(_ encoding: Encoding) -> Encoding {
    guard !encoding.states.requiresGradient else { return encoding }
    return Encoding(
      states: engine.leaf(joining: [encoding.states], requiresGradient: true), offsets: encoding.offsets,
      pooledRows: encoding.pooledRows)
  }
}

/// Where the score of one image and one text comes from.
public struct PairExplanation {
  public let score: Float
  public let relations: TokenRelations
  /// What attention did, in the order of the pass.
  public let maps: [AttentionMap]
  /// How much of each token there is in what the score reads [N].
  public let pooled: [Float]
  /// Which tokens are places of the image.
  private let placeTokens: TokenStream

  init(score: DifferentiableScore, relations: TokenRelations, maps: [AttentionMap], placeTokens: TokenStream) {
    (self.score, self.relations, self.maps) = (score.value, relations, maps)
    self.placeTokens = placeTokens
    var pooled = [Float](repeating: 0, count: relations.count)
    for (stream, row, weight) in score.readRows {
      let start = relations.places(of: stream)?.lowerBound ?? 0
      for (place, value) in relations[start + row].enumerated() { pooled[place] += weight * value }
    }
    self.pooled = pooled
  }

  /// Whether a layer lets words and places meet: without one, relations of the one to the other are all zero.
  public var streamsMeet: Bool { placesOfWords.contains { $0.contains { $0 != 0 } } }

  /// The same of the tokens of a modality.
  public func relevance(of modality: Modality) -> [Float] { relevance(of: modality.stream) }

  /// The same of those that are places of the image.
  public var relevanceOfPlaces: [Float] { relevance(of: placeTokens) }

  private func relevance(of stream: TokenStream) -> [Float] {
    relations.places(of: stream).map { Array(pooled[$0]) } ?? []
  }

  /// How much of each place there is in each word: [Tt][Ti].
  public var placesOfWords: [[Float]] {
    guard let words = relations.places(of: Modality.text.stream),
      let places = relations.places(of: placeTokens)
    else { return [] }
    return words.map { word in places.map { relations.values[word * relations.count + $0] } }
  }
}

extension DifferentiableScore {
  /// Which rows the score reads, and how much of each. A join may make its vector of states that it does not hand on: no gradient says
  /// then what the score reads, and all that stand for a segment count alike.
  fileprivate var readRows: [(stream: TokenStream, row: Int, weight: Float)] {
    let found = states.flatMap { stream, encoding in encoding.readRows.map { (stream, $0.row, $0.weight) } }
    guard found.isEmpty else { return found }
    return states.flatMap { stream, encoding in
      let rows = encoding.pooledRows[0]
      return rows.map { (stream, $0, 1 / Float(rows.count)) }
    }
  }
}

extension Encoding {
  /// Which rows of the first segment a score reads, and how much of each, by the gradient that has arrived at them; none where
  /// it reads no row of this encoding.
  ///
  /// Where one token stands for the segment it is that one. The mean over several is an attention whose probabilities are all
  /// the same, and each counts as it does in Chefer et al.'s eq. 5: as far as more of it would raise the score.
  fileprivate var readRows: [(row: Int, weight: Float)] {
    let (rows, width) = (pooledRows[0], states.columns)
    let (values, gradients) = (states.values(), states.gradientValues())
    guard gradients[rows.lowerBound * width..<rows.upperBound * width].contains(where: { $0 != 0 }) else { return [] }
    if rows.count == 1 { return [(rows.lowerBound, 1)] }
    let shares = rows.map { row in
      max(0, (row * width..<(row + 1) * width).reduce(Float(0)) { $0 + values[$1] * gradients[$1] })
    }
    let sum = shares.reduce(0, +)
    return zip(rows, shares).map { ($0, sum > 0 ? $1 / sum : 1 / Float(rows.count)) }
  }
}
