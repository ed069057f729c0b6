public import Layers
public import TensorEngine

/// ViLBERT (Lu et al., 2019): a BERT reads the text, a stream of its own reads the regions of an image, and connections between
/// them let each look at the other. Keys, shapes and semantics are those of vilbert-multi-task.
///
/// What stands in front of the first connection is computed once for each text and each image, however many pairs they are in.
public final class ViLBERTModel: MatchingModel, MaskedTextModel {
  public let configuration: ViLBERTConfiguration
  let text: ViLBERTText
  let regions: ViLBERTRegions
  let streams: CoAttentionJoin
  let textPooler: Linear
  let imagePooler: Linear
  /// Of what stands for a pair.
  private let dropout: Dropout
  let pretraining: ViLBERTPretrainingHeads?
  let tasks: ViLBERTTaskHeads?
  let regionPixels: MaskedRegionHead?

  public init(_ configuration: ViLBERTConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let encoder = CoAttentionJoin(configuration.streams, builder["bert.encoder"])
    streams = encoder
    text = ViLBERTText(configuration, streams: encoder, builder)
    regions = ViLBERTRegions(configuration, streams: encoder, builder)
    let pooler = { (name: String, inputs: Int) in
      Linear(
        builder["bert"], name + ".dense", inputs: inputs, outputs: configuration.width, activation: .relu,
        standardDeviation: BERTConfiguration.deviation)
    }
    textPooler = pooler("t_pooler", configuration.words.width)
    imagePooler = pooler("v_pooler", configuration.vision.width)
    dropout = Dropout(builder["bert"], "pooled", rate: configuration.words.dropout.states)
    let words = text.tokenEmbedding
    pretraining = configuration.pretraining.map {
      ViLBERTPretrainingHeads(configuration, $0, tokenEmbedding: words, builder["cls"])
    }
    tasks = configuration.answerHeads.map { ViLBERTTaskHeads(configuration, $0, builder) }
    regionPixels = (configuration.pretraining?.hasRegionPixels == true ? configuration.regions.patchSide : nil).map {
      .pixels(
        width: configuration.vision.width, side: $0, epsilon: configuration.words.epsilon,
        deviation: BERTConfiguration.deviation, builder)
    }
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { regions }
  public var textEncoder: any TextEncoder { text }
  public var maskedTextHead: MaskedTextHead? { pretraining?.maskedText }
  public var hasMatchingHead: Bool { pretraining != nil }

  public func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    streams(images, texts, pairs, tape)
  }

  public var pooledWidth: Int { configuration.width }
  public var jointImageWidth: Int { configuration.vision.width }
  /// The pooled states of both streams, of their first tokens, multiplied or added and dropped in part [pairs, W].
  public func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor {
    let (text, image) = pooledStreams(joint, tape)
    return dropout(configuration.fusion == .product ? tape.multiply(text, image) : tape.add(text, image), tape)
  }

  /// The authors' head says in its first logit that image and text belong together; here it is the second, as everywhere else.
  public func match(_ joint: JointStates, _ tape: Tape) -> Tensor {
    guard let head = pretraining?.alignment else { preconditionFailure("a ViLBERT without the heads of pre-training") }
    return tape.gatherColumns(head(pooled(joint, tape), tape), [1, 0])
  }

  /// Which logit of `cls.bi_seq_relationship` says that image and text belong together.
  public var publishedMatchIndex: Int { 0 }
}

extension ViLBERTModel: TwoStreamModel {
  public func pooledStreams(_ joint: JointStates, _ tape: Tape) -> (text: Tensor, image: Tensor) {
    (textPooler(joint.texts.pooled(tape), tape), imagePooler(joint.images.pooled(tape), tape))
  }
}

extension ViLBERTModel: EmbeddingModel {
  public func embeddings(of images: ImageInput, _ tape: Tape) -> Encoding {
    let (states, offsets) = regions.embed(images, tape)
    return Encoding(states: states, offsets: offsets, pooledAt: Array(offsets.dropLast()))
  }

  public func embeddings(of texts: PackedText, _ tape: Tape) -> Encoding {
    let (states, offsets) = text.embed(texts, tasks: [Int](repeating: 0, count: texts.count), tape)
    return Encoding(states: states, offsets: offsets, pooledAt: Array(offsets.dropLast()))
  }
}

extension ViLBERTModel: TaskTokenModel {
  public var taskTokens: Int? { configuration.taskTokens }

  public func encode(_ texts: PackedText, tasks: [Int], _ tape: Tape) -> Encoding { text(texts, tasks: tasks, tape) }
}

extension ViLBERTModel: AnsweringModel {
  public var answers: [String]? { configuration.answers }
  public var answerCount: Int? { configuration.answerCount }

  /// With the token of VQA, which is the authors' task 1 (`vilbert_tasks.yml`), where there are so many.
  public func read(questions: PackedText, _ tape: Tape) -> Encoding {
    let task = min(1, (taskTokens ?? 1) - 1)
    return encode(questions, tasks: [Int](repeating: task, count: questions.count), tape)
  }

  public func answer(_ joint: JointStates, _ tape: Tape) -> Tensor {
    guard let tasks else { preconditionFailure("a ViLBERT without the heads of tasks is asked a question") }
    return tasks.vqa(pooled(joint, tape), tape)
  }
}

extension ViLBERTModel: PublishedHeadModel {
  public var publishedHeads: [PublishedHead] {
    guard let tasks else { return [] }
    return [
      PublishedHead(name: "vqa_logits", rows: .pairs, logits: answer),
      PublishedHead(name: "gqa_logits", rows: .pairs) { tasks.gqa(self.pooled($0, $1), $1) },
      PublishedHead(name: "binary_logits", rows: .twoPairs) { tasks.binary(self.pooledTwice($0, $1), $1) },
      PublishedHead(name: "entailment_logits", rows: .pairs) { tasks.entailment(self.pooled($0, $1), $1) },
      PublishedHead(name: "alignment_score", rows: .pairs) { tasks.alignment(self.pooled($0, $1), $1) },
      PublishedHead(name: "region_scores", rows: .imageTokens) { tasks.regions($0.images.states, $1) },
      PublishedHead(name: "token_scores", rows: .textTokens) { tasks.words($0.texts.states, $1) },
    ]
  }

  /// The pooled states of two pairs side by side [half the number of pairs, 2W].
  private func pooledTwice(_ joint: JointStates, _ tape: Tape) -> Tensor {
    let pooled = pooled(joint, tape)
    let pairs = stride(from: 0, to: pooled.rows, by: 2)
    return tape.concatenateColumns(
      tape.gatherRows(pooled, Array(pairs)), tape.gatherRows(pooled, pairs.map { $0 + 1 }))
  }
}

extension ViLBERTModel: MaskedRegionModel {
  /// The whole image.
  public var tokensBeforeRegions: Int { 1 }
  public var publishedDivergence: RegionLossScale { .region }

  public var hasRegionHead: Bool { pretraining != nil }

  public func boxesOfRegions(in images: ImageInput) -> [[Box]] { regions.reader.boxesOfRegions(in: images) }

  public func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.reader.features(of: images, at: places, engine)
  }

  public func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.reader.pixels(of: images, at: places, engine)
  }

  /// The authors' head says classes or features, whichever it was trained for (`visual_target`).
  public func classes(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { pretraining?.maskedRegions(states, tape) }

  public func features(ofRegions states: Tensor, _ tape: Tape) -> Tensor? {
    configuration.pretraining?.toldNumbers == configuration.regions.width ? classes(ofRegions: states, tape) : nil
  }

  public func pixels(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionPixels?(states, tape) }
}

/// Where both streams are of one width: else it says so before it is made (`ModelPart.comparableStates`).
extension ViLBERTModel: AlignmentModel {}
