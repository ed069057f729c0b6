public import Layers
public import TensorEngine

/// A few tokens of a picture, each of a stage of a network of convolutions, and a text's words in one transformer (Khare et al., "MMBERT:
/// Multimodal BERT Pretraining for Improved Medical VQA", 2021), without the slips of what its authors publish: every norm is its own,
/// one stands behind the last layer, and padding is nowhere.
public final class MMBERTModel: SingleStreamModel, MatchingModel, MaskedTextModel, FoldableModel {
  public let configuration: MMBERTConfiguration
  private let words: MMBERTWords
  private let stages: StageTokens
  private let stream: SingleStream
  let matchingHead: MatchingHead
  public let maskedTextHead: MaskedTextHead?
  private let regions: RegionReader
  let regionHeads: RegionHeads
  /// What says of which cell a stage's state is asked [cells, W]; nil where none is hidden.
  let places: Parameter?

  convenience init(_ configuration: MMBERTConfiguration, _ builder: ParameterBuilder) {
    self.init(configuration, builder) { configuration.vision.makePictureEncoder($0) }
  }

  private init(
    _ configuration: MMBERTConfiguration, _ builder: ParameterBuilder,
    network: (ParameterBuilder) -> any ImageEncoder
  ) {
    self.configuration = configuration
    let (text, vision) = (configuration.text, configuration.vision)
    words = MMBERTWords(embeddings: BERTEmbeddings(text, builder["bert"]))
    guard let network = network(builder["vision_model"]) as? any StagedEncoder else {
      preconditionFailure("\(vision) has stages, and its encoder has none")
    }
    stages = StageTokens(
      network, widths: vision.stageWidths.suffix(configuration.stages), text, words.embeddings,
      builder["visual_tokens"])
    var transformer = text.transformer
    transformer.names = .huggingFace
    stream = SingleStream(
      preNorm: TransformerEncoder(
        builder["encoder"], transformer,
        finalNorm: LayerNorm(builder, "norm", width: text.width, epsilon: text.epsilon)))
    matchingHead = MatchingHead(inputs: text.width, width: text.width, builder["matching_head"])
    maskedTextHead =
      configuration.hasMaskedTextHead
      ? MaskedTextHead(
        inputs: text.width, norm: nil, tokenEmbedding: words.tokenEmbedding, epsilon: text.epsilon,
        deviation: BERTConfiguration.deviation, builder["masked_text_head"]) : nil
    regions = RegionReader(network)
    regionHeads = RegionHeads(
      configuration.regionHeads, of: configuration.regions, width: text.width, epsilon: text.epsilon, builder)
    places =
      regionHeads.areThere
      ? builder.parameter(
        "region_places.weight", [vision.grid.count, text.width],
        .normal(standardDeviation: BERTConfiguration.deviation)) : nil
  }

  public var description: any ModelDescription { configuration }
  public var imageEncoder: any ImageEncoder { stages }
  public var textEncoder: any TextEncoder { words }

  public func embed(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> PackedPairs {
    PackedPairs(texts, images, pairs, tape)
  }

  public func states(_ tokens: PackedPairs, _ tape: Tape) -> Tensor { stream(tokens, tape) }

  public func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let tokens = embed(images, texts, pairs, tape)
    let states = states(tokens, tape)
    return tokens.joint(states, vectors: tape.meanPool(states, offsets: tokens.offsets), tape)
  }

  public var pooledWidth: Int { configuration.text.width }
  /// The mean over all tokens of a pair [pairs, W].
  public func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor { joint.madeVectors }

  public func match(_ joint: JointStates, _ tape: Tape) -> Tensor { matchingHead(pooled(joint, tape), tape) }
}

extension MMBERTModel: EmbeddingModel {
  public func embeddings(of images: ImageInput, _ tape: Tape) -> Encoding { stages(images, .all, tape) }
  public func embeddings(of texts: PackedText, _ tape: Tape) -> Encoding { words(texts, .all, tape) }
}

/// BERT's embedding block: the token that opens a text has the first type, as the picture's tokens have, and its words the second.
struct MMBERTWords: TextEncoder {
  let embeddings: BERTEmbeddings

  var tokenEmbedding: Parameter { embeddings.words }

  /// The tokens of all texts, whatever is asked for; all of a text's stand for it.
  func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let starts = Set(texts.offsets)
    let types = texts.ids.indices.map { starts.contains($0) ? Int32(0) : 1 }
    let read = embeddings(PackedText(ids: texts.ids, offsets: texts.offsets, types: types), tokens, tape)
    return Encoding(pooledOverAll: read.states, offsets: read.offsets)
  }
}

extension MMBERTModel: AlignmentModel {}

extension MMBERTModel: MaskedRegionModel {
  public var publishedRegionsAreHidden: Bool { false }
  public var hasRegionHead: Bool { regionHeads.areThere }

  /// No token is of a cell alone: the deepest stage's state, and which of its cells is asked for.
  public func states(ofRegions places: [[Int]], in joint: JointStates, _ tape: Tape) -> Tensor {
    guard let table = self.places else { preconditionFailure("an MMBERT without a head is asked for cells") }
    let deepest = zip(places, joint.imageOfPair).flatMap { places, image in
      places.map { _ in joint.images.offsets[image] }
    }
    return tape.add(
      tape.gatherRows(joint.images.states, deepest), tape.gatherRows(table.tensor, places.flatMap(\.self)))
  }

  public func boxesOfRegions(in images: ImageInput) -> [[Box]] { regions.boxesOfRegions(in: images) }

  public func features(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.features(of: images, at: places, engine)
  }

  public func pixels(of images: ImageInput, at places: [[Int]], _ engine: Engine) -> Tensor? {
    regions.pixels(of: images, at: places, engine)
  }

  public func features(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionHeads.features?(states, tape) }
  public func pixels(ofRegions states: Tensor, _ tape: Tape) -> Tensor? { regionHeads.pixels?(states, tape) }
}

// MARK: Inference

extension MMBERTModel {
  public func folded(_ builder: ParameterBuilder) -> (model: any FoldableModel, fill: () -> Void)? {
    guard let foldable = stages.network as? any FoldableEncoder else { return nil }
    var fill = {}
    let model = MMBERTModel(configuration, builder) {
      let folded = foldable.folded($0)
      fill = folded.fill
      return folded.encoder
    }
    return (model, fill)
  }
}
