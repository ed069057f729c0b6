public import Layers
public import TensorEngine

/// One transformer over the words of a text and the patches of a picture, without a network for either before it (Kim et al.,
/// "ViLT: Vision-and-Language Transformer Without Convolution or Region Supervision", 2021). Keys are those of transformers'
/// `ViltModel` and its heads.
public final class ViLT: SingleStreamModel, MatchingModel, MaskedTextModel, AnsweringModel, PublishedHeadModel {
  public let configuration: ViLTConfiguration
  let words: BERTEmbeddings
  let patches: PatchEmbeddings
  /// Row 0 is added to the tokens of texts, row 1 to those of images; a third is for a second image.
  let modalities: Parameter
  let stream: SingleStream
  /// tanh(W x + b) of the state of the token that opens the text.
  let pooler: Linear
  public let maskedTextHead: MaskedTextHead?
  /// Says how well image and text of a pair fit: one number.
  let rankOutput: Linear?
  let answerHead: AnswerHead?
  let patchHead: MaskedRegionHead?

  public init(_ configuration: ViLTConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let (body, width, deviation) = (builder["vilt"], configuration.width, ViLTConfiguration.deviation)
    let embeddings = body["embeddings"]
    words = BERTEmbeddings(configuration.words, embeddings, name: "text_embeddings")
    patches = PatchEmbeddings(
      imageSize: configuration.imageSize, patchSize: configuration.patchSize, channels: configuration.channels,
      width: width, deviation: deviation, embeddings)
    modalities = embeddings.parameter(
      "token_type_embeddings.weight", [configuration.modalities, width], .normal(standardDeviation: deviation))
    stream = SingleStream(
      preNorm: TransformerEncoder(
        body["encoder"], configuration.transformer,
        finalNorm: LayerNorm(body, "layernorm", width: width, epsilon: configuration.epsilon)))
    pooler = Linear(
      body["pooler"], "dense", inputs: width, outputs: width, activation: .tanh, standardDeviation: deviation)
    maskedTextHead =
      configuration.hasMaskedTextHead
      ? MaskedTextHead(
        inputs: width, norm: nil, tokenEmbedding: words.tokenEmbedding, epsilon: configuration.epsilon,
        names: .init(dense: "transform.dense", norm: "transform.LayerNorm", bias: "decoder.bias"),
        deviation: deviation, builder["mlm_score"]) : nil
    rankOutput =
      configuration.hasRankOutput
      ? Linear(builder, "rank_output", inputs: width, outputs: 1, keepsFloat32: true, standardDeviation: deviation)
      : nil
    answerHead = configuration.answerCount.map {
      AnswerHead(
        inputs: width, width: 2 * width, outputs: $0, order: .normFirst, epsilon: 1e-5, deviation: deviation,
        builder["classifier"])
    }
    patchHead =
      configuration.hasPatchHead
      ? .pixels(
        width: width, side: configuration.patchSize, epsilon: configuration.epsilon, deviation: deviation, builder)
      : nil
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { patches }
  public var textEncoder: any TextEncoder { words }

  public func embed(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> PackedPairs {
    PackedPairs(
      texts.adding(0, of: modalities.tensor, tape), images.adding(1, of: modalities.tensor, tape), pairs, tape)
  }

  public func states(_ tokens: PackedPairs, _ tape: Tape) -> Tensor { stream(tokens, tape) }

  public var pooledWidth: Int { configuration.width }
  public func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor { pooler(joint.texts.pooled(tape), tape) }

  public var hasMatchingHead: Bool { rankOutput != nil }

  /// The score is the logit of a match, and that of none is 0: the sigmoid of the score is the probability of a match. So the
  /// authors' retrieval begins, with the match's row of their matching head.
  public func match(_ joint: JointStates, _ tape: Tape) -> Tensor {
    guard let rankOutput else { preconditionFailure("a ViLT without a head for retrieval is asked for scores") }
    let scores = rankOutput(pooled(joint, tape), tape)
    return tape.concatenateColumns(tape.engine.zeros(scores.shape), scores)
  }

  public var publishedHeads: [PublishedHead] {
    let answers = answerHead.map { _ in PublishedHead(name: "vqa_logits", rows: .pairs, logits: answer) }
    let scores = rankOutput.map { output in
      PublishedHead(name: "rank_scores", rows: .pairs) { output(self.pooled($0, $1), $1) }
    }
    return [answers, scores].compactMap(\.self)
  }

  public var answers: [String]? { configuration.answers }
  public var answerCount: Int? { configuration.answerCount }

  public func answer(_ joint: JointStates, _ tape: Tape) -> Tensor {
    guard let answerHead else { preconditionFailure("a ViLT without a head for answers is asked a question") }
    return answerHead(pooled(joint, tape), tape)
  }
}

extension ViLT: MaskedRegionModel {
  /// The class token.
  public var tokensBeforeRegions: Int { 1 }

  public var hasRegionHead: Bool { patchHead != nil }

  public func boxesOfRegions(in images: ImageInput) -> [[Box]] { patches.boxesOfPatches(in: images) }

  public func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    patches.normalizedPixels(of: images, at: places, engine)
  }

  public func pixels(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { patchHead?(states, tape) }
}

extension ViLT: AlignmentModel {
  /// Tokens that open and close a text, and the class token of a picture, take no part (Kim et al., 2021, and their code): those
  /// of words and patches, or all where a text has no word.
  public func compared(_ joint: JointStates, _ tape: Tape) -> (texts: Encoding, images: Encoding) {
    (joint.texts.without(first: 1, last: 1, tape), joint.images.without(first: 1, last: 0, tape))
  }
}

extension Encoding {
  /// Without some rows at the ends of each segment; a segment that has no others stays whole.
  fileprivate func without(first: Int, last: Int, _ tape: Tape) -> Encoding {
    let left = zip(offsets, offsets.dropFirst()).map { start, end in
      end - start > first + last ? start + first..<end - last : start..<end
    }
    return Encoding(
      pooledOverAll: tape.gatherRows(states, left.flatMap(\.self)),
      offsets: left.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }
}
