public import Layers

extension BERTConfiguration: DroppingTowerDescription {
  public static let modelType = "bert"
  public static let title = "BERT"
  public static let names = [modelType]
  public static let poolings: [TextPooling] = [.pooler, .first, .mean]

  public static let publishedKeys = [
    PublishedKeys(
      "BERT of Hugging Face and sentence-transformers", prefixes: prefixes, mark: "embeddings.LayerNorm.weight",
      unusedPrefixes: unused),
    PublishedKeys(
      "BERT as TensorFlow called its norms", prefixes: prefixes, mark: "embeddings.LayerNorm.gamma",
      unusedPrefixes: unused, key: withGammaAndBeta),
  ]

  /// In front of a tower's keys: nothing in its own directory, `bert.` in those of models for a task, `text_model.` in those
  /// of a pair of encoders.
  private static let prefixes = ["", "bert.", "text_model."]
  private static let unused = [
    "embeddings.position_ids", "embeddings.token_type_ids", "pooler.", "cls.", "classifier.", "qa_outputs.",
    "vision_model.", "visual_projection.", "text_projection.", "logit_scale",
  ]

  /// The shapes of a file do not say how many heads a layer has.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    let settings = request.settings.text
    guard !request.isStated("model.text.causal") || !settings.isCausal else {
      throw ModelRequestError(
        key: "model.text.causal", problem: "a \(Self.title) looks both ways; set it to false, or leave it out")
    }
    (width, intermediate) = (settings.width, 4 * settings.width)
    (layerCount, heads) = (settings.layers, settings.heads)
    positions = settings.contextLength
    vocabularySize = settings.vocabularySize ?? request.vocabularySize
  }

  public var flaw: String? {
    outside(vocabularySize, 3...10_000_000, "a vocabulary") ?? outside(positions, 2...65_536, "a context length")
      ?? outside(tokenTypes, 1...1024, "a number of token types") ?? transformer.flaw
  }

  public var text: TextShape {
    TextShape(vocabularySize: vocabularySize, contextLength: positions, endToken: nil, tokenTypes: tokenTypes)
  }
  public var isCausal: Bool { false }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["embeddings."], blocks: (0..<layerCount).map { ["encoder.layer.\($0)."] },
      finalNorm: pooling == .pooler ? ["pooler."] : [], projection: [])
  }

  public var blocks: [BlockGroup] {
    [
      BlockGroup(
        "text", .text, layers: layerCount, heads: heads, width: width, intermediate: intermediate,
        tokens: positions)
    ]
  }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.tower(blocks[0], lengths, poolsAll: pooling == .mean)
    if pooling == .pooler { count.product(lengths.count, width, width) }
    return count.total
  }

  public func makeEncoder(_ builder: ParameterBuilder) -> any TextEncoder { BERTTower(self, builder) }
}

extension BERTConfiguration {
  /// As files of before 2019 call the weights and biases of norms.
  @Sendable static func withGammaAndBeta(_ parameter: String) -> String {
    for (ours, theirs) in [(".LayerNorm.weight", ".LayerNorm.gamma"), (".LayerNorm.bias", ".LayerNorm.beta")]
    where parameter.hasSuffix(ours) {
      return parameter.dropLast(ours.count) + theirs
    }
    return parameter
  }
}
