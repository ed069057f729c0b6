public import Images
public import Layers
public import TensorEngine

/// The sizes of a ViLT, read from and written as Hugging Face's `config.json`. Keys that a file leaves out have the library's
/// defaults, those of ViLT-B/32. Which heads a model has, its weights say.
public struct ViLTConfiguration: PublishedVisionTransformer, Sendable, Equatable {
  public var vocabularySize = 30_522
  /// Rows of the position embedding of texts: most tokens of one.
  public var contextLength = 40
  /// Rows of BERT's token type embedding, of which a text has the first.
  public var tokenTypes = 2
  /// Kinds of tokens: text, image, and perhaps a second image.
  public var modalities = 2
  public var imageSize = 384
  public var patchSize = 32
  public var channels = 3
  public var width = 768
  public var intermediate = 3072
  public var layerCount = 12
  public var heads = 12
  public var activation = Activation.geluErf
  public var epsilon: Float = 1e-12
  /// Whether something is added to queries, keys and values.
  public var hasInBias = true
  public var hasMaskedTextHead = false
  public var hasRankOutput = false
  /// Whether it tells the pixels of hidden patches.
  public var hasPatchHead = false
  /// Logits of the head for answers; nil where it has none.
  public var answerCount: Int?
  /// Of classes, as `config.json` names them, whether or not there is a head for them; nil where it names none.
  public var labels: [String]?

  public init() {}

  /// Of all weights at the start.
  static let deviation: Float = 0.02

  var words: BERTConfiguration {
    var made = BERTConfiguration()
    (made.vocabularySize, made.positions, made.tokenTypes) = (vocabularySize, contextLength, tokenTypes)
    (made.width, made.epsilon) = (width, epsilon)
    return made
  }

  var transformer: TransformerConfiguration {
    var made = TransformerConfiguration(
      width: width, layers: layerCount, heads: heads, intermediate: intermediate, activation: activation,
      epsilon: epsilon, names: .vit, scales: TransformerScales(all: Self.deviation))
    made.hasInBias = hasInBias
    return made
  }

  /// In the order of the logits; nil where it answers no questions. Of a file that names none transformers takes two.
  public var answers: [String]? { answerCount == nil ? nil : labels ?? ["LABEL_0", "LABEL_1"] }

  /// Patches of a picture, and its class token.
  var imageTokens: Int { 1 + (imageSize / patchSize) * (imageSize / patchSize) }
}

extension ViLTConfiguration: AnsweringDescription {
  public static let modelType = "vilt"
  public static let title = "ViLT"
  public static let ownParts = [ModelPart.matchingHead, .maskedTextHead]
  /// The one transformer is as large as a configuration's image tower.
  public static let unusedKeys =
    [
      "model.text.width", "model.text.layers", "model.text.heads", "model.text.causal", "model.embedding_width",
      "model.fusion", "model.regions", "initialize.lock.vision", "initialize.lock.text", "optimizer.layer_decay",
    ] + towerKeys.filter { !$0.hasPrefix("initialize.") }

  public static let publishedSizes = [
    ("model.vision.image_size", 384), ("model.vision.patch_size", 32), ("model.vision.width", 768),
    ("model.vision.layers", 12), ("model.vision.heads", 12), ("model.text.context_length", 40),
    ("model.text.vocabulary_size", 30_522),
  ].map { (key: $0.0, size: $0.1) }

  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    if let found {
      guard let own = found as? ViLTConfiguration else { throw .sizesOfWeights(found, request) }
      self = own
      if request.isStated("model.vision.image_size") { imageSize = request.settings.vision.imageSize }
      try requireSizes(of: request)
      return
    }
    let (vision, text) = (request.settings.vision, request.settings.text)
    vocabularySize = text.vocabularySize ?? request.vocabularySize
    contextLength = text.contextLength
    (imageSize, patchSize) = (vision.imageSize, vision.patchSize)
    (width, intermediate) = (vision.width, 4 * vision.width)
    (layerCount, heads) = (vision.layers, vision.heads)
    try begin(from: request)
  }

  /// Stated sizes must be those of the weights, but for that of pictures, to which positions are brought.
  private func requireSizes(of request: ModelRequest) throws(ModelRequestError) {
    let (vision, text) = (request.settings.vision, request.settings.text)
    let sizes = [
      ("model.vision.patch_size", vision.patchSize, patchSize),
      ("model.vision.width", vision.width, width), ("model.vision.layers", vision.layers, layerCount),
      ("model.vision.heads", vision.heads, heads), ("model.text.context_length", text.contextLength, contextLength),
      ("model.text.vocabulary_size", text.vocabularySize ?? vocabularySize, vocabularySize),
    ]
    for (key, stated, own) in sizes where request.isStated(key) && stated != own {
      throw ModelRequestError(key: key, problem: "it is \(own) with the weights that are there; leave the key out")
    }
  }

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    let patch = tensors.first { $0.name.hasSuffix("vilt.embeddings.patch_embeddings.projection.weight") }
    guard let patch, patch.shape.count == 4 else { return nil }
    return "\(modelType) (\(patch.shape[0]) wide, patches of \(patch.shape[3]) pixels)"
  }

  public var inputs: InputShapes {
    InputShapes(
      imageSize: imageSize,
      text: TextShape(
        vocabularySize: vocabularySize, contextLength: contextLength, endToken: nil, tokenTypes: tokenTypes))
  }

  public var flaw: String? {
    patchFlaw(imageSize: imageSize, patchSize: patchSize, channels: channels)
      ?? outside(vocabularySize, 3...10_000_000, "a vocabulary")
      ?? outside(contextLength, 2...65_536, "a context length")
      ?? outside(tokenTypes, 1...65_536, "a number of token types")
      ?? outside(modalities, 2...65_536, "a number of modalities")
      ?? answersFlaw
      ?? transformer.flaw
  }

  /// None: image and text are of one transformer.
  public var towers: [Modality: TowerLayers] { [:] }

  public var blocks: [BlockGroup] {
    [
      BlockGroup(
        "stream", .image, isJoin: true, layers: layerCount, heads: heads, width: width, intermediate: intermediate,
        tokens: contextLength + imageTokens)
    ]
  }

  /// Squashed to a square, as whole pictures of one size are read in training; levels from -1 to 1.
  public var usualPreprocessing: Preprocessing {
    Preprocessing(
      imageSize: imageSize, filter: .bicubic, fit: .squash, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
  }

  public func operations(_ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    let lengths = shapes.textLengths.map { $0 + imageTokens }
    count.product(lengths.count * (imageTokens - 1), channels * patchSize * patchSize, width, times: 2)
    let pairs = (0..<shapes.joinings).flatMap { _ in lengths }
    count.join(blocks[0], pairs, context: [], hasCrossAttention: false)
    count.product(pairs.count, width, width)
    return count.total
  }

  public func with(_ part: ModelPart) -> ViLTConfiguration? {
    var made = self
    switch part {
    case .features, .logitBias, .regionFeatures, .regionClasses, .textDecoder, .answerDecoder, .pairwiseFeatures:
      return nil
    case .matchingHead: made.hasRankOutput = true
    case .maskedTextHead: made.hasMaskedTextHead = true
    case .regionPixels: made.hasPatchHead = true
    case .comparableStates: break
    }
    return made
  }

  public func advice(on part: ModelPart) -> String? {
    part == .regionFeatures || part == .regionClasses
      ? "a patch is nothing but its pixels; ask for these (pixels), or set it to 0" : nil
  }

  public func make(_ builder: ParameterBuilder) -> any Model { ViLT(self, builder) }
}

// MARK: What files say

extension ViLTConfiguration: PublishedDescription, DescriptionOfWeights {
  public static let headPrefixes = [
    "mlm_score.", "rank_output.", "classifier.", MaskedRegionHead.patchHeadName + ".",
  ]

  public func fitting(_ shape: (_ key: String) -> [Int]?) -> ViLTConfiguration {
    var made = self
    made.hasMaskedTextHead = shape("mlm_score.transform.dense.weight") != nil
    made.hasRankOutput = shape("rank_output.weight") != nil
    made.answerCount = shape("classifier.3.weight")?.first
    made.hasPatchHead = shape(MaskedRegionHead.patchHeadKey) != nil
    return made
  }

  /// A `ViltModel` alone has no `vilt.` in front; before transformers 5 the bias of masked words stood beside the decoder.
  public static func otherKeys(of parameter: String) -> [String] {
    if parameter == "mlm_score.decoder.bias" { return ["mlm_score.bias"] }
    return parameter.hasPrefix("vilt.") ? [String(parameter.dropFirst("vilt.".count))] : []
  }

  /// Copies of arrays that are stored once.
  public static func isDead(_ key: String) -> Bool { ["mlm_score.decoder.weight", "mlm_score.bias"].contains(key) }
}

extension ViLTConfiguration: ExportableDescription {
  public var huggingFaceForm: (any ModelDescription)? { self }
  public var openCLIPForm: (any OpenCLIPDescription)? { nil }
  public var huggingFaceClasses: (model: String, processor: String) { (huggingFaceClass, "ViltProcessor") }

  /// Of the class that reads the head which a person most likely wants.
  var huggingFaceClass: String {
    if answerCount != nil { return "ViltForQuestionAnswering" }
    if hasMaskedTextHead { return "ViltForMaskedLM" }
    return hasRankOutput ? "ViltForImageAndTextRetrieval" : "ViltModel"
  }

  public var usage: String {
    """
    It is a Hugging Face `ViltModel` with heads (docs/models/vilt.md):

    ```python
    from transformers import \(huggingFaceClass)
    model = \(huggingFaceClass).from_pretrained("this directory")
    ```
    """
  }
}
