internal import Layers
public import TensorEngine

/// Words and regions in one sequence (Chen et al., "UNITER: UNiversal Image-TExt Representation Learning", ECCV 2020). Parameters
/// are called as in the authors' files.
public final class UNITERModel: SingleStreamModel, MatchingModel, MaskedTextModel {
  public let configuration: UNITERConfiguration
  private let texts: BERTEmbeddings
  private let regions: RegionEmbedding
  private let stream: SingleStream
  private let pooler: Linear
  let heads: UNITERHeads

  init(_ configuration: UNITERConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let (own, text) = (builder["uniter"], configuration.text)
    texts = BERTEmbeddings(text, own)
    regions = RegionEmbedding(configuration, types: texts.types, builder)
    stream = SingleStream(postNorm: PostNormEncoder(own["encoder"], text.transformer))
    pooler = Linear(
      own["pooler"], "dense", inputs: text.width, outputs: text.width, activation: .tanh,
      standardDeviation: BERTConfiguration.deviation)
    heads = UNITERHeads(configuration, words: texts.words, features: regions.features.weight, builder)
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { regions }
  public var textEncoder: any TextEncoder { texts }

  public func embed(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> PackedPairs {
    PackedPairs(texts, images, pairs, tape)
  }

  public func states(_ tokens: PackedPairs, _ tape: Tape) -> Tensor { stream(tokens, tape) }

  public var pooledWidth: Int { configuration.text.width }
  /// tanh(W h + b) of each text's first token [pairs, W].
  public func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor { pooler(joint.texts.pooled(tape), tape) }

  // MARK: Heads

  public var maskedTextHead: MaskedTextHead? { heads.maskedText }
  public var hasMatchingHead: Bool { heads.matching != nil }

  public func match(_ joint: JointStates, _ tape: Tape) -> Tensor {
    guard let head = heads.matching else { preconditionFailure("a UNITER without a matching head") }
    return head(pooled(joint, tape), tape)
  }
}

extension UNITERModel: EmbeddingModel {
  public func embeddings(of images: ImageInput, _ tape: Tape) -> Encoding { regions(images, .all, tape) }
  public func embeddings(of texts: PackedText, _ tape: Tape) -> Encoding { self.texts(texts, .all, tape) }
}

extension UNITERModel: AnsweringModel {
  public var answers: [String]? { configuration.answers }
  public var answerCount: Int? { configuration.answerCount }

  public func answer(_ joint: JointStates, _ tape: Tape) -> Tensor {
    guard let head = heads.answers else {
      preconditionFailure("a UNITER without a head for answers is asked a question")
    }
    return head(pooled(joint, tape), tape)
  }
}

extension UNITERModel: PublishedHeadModel {
  public var publishedHeads: [PublishedHead] {
    [
      heads.answers.map { _ in PublishedHead(name: "vqa_logits", rows: .pairs, logits: answer) },
      heads.ranking.map { head in
        PublishedHead(name: "rank_scores", rows: .pairs) { head(self.pooled($0, $1), $1) }
      },
    ].compactMap(\.self)
  }
}

extension UNITERModel: MaskedRegionModel {
  public var tokensBeforeRegions: Int { configuration.regions.startsWithWhole ? 1 : 0 }
  public var publishedDivergence: RegionLossScale { .element }
  /// A row of the model's own stands in their place.
  public var publishedRegionsAreHidden: Bool { false }

  public var hasRegionHead: Bool {
    heads.regionFeatures != nil || heads.regionClasses != nil || heads.regionPixels != nil
  }

  public func boxesOfRegions(in images: ImageInput) -> [[Box]] { regions.reader.boxesOfRegions(in: images) }

  public func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.reader.features(of: images, at: places, engine)
  }

  public func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.reader.pixels(of: images, at: places, engine)
  }

  public func classes(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { heads.regionClasses?(states, tape) }
  public func features(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { heads.regionFeatures?(states, tape) }
  public func pixels(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { heads.regionPixels?(states, tape) }
}

extension UNITERModel: AlignmentModel {}
