public import Layers
public import Settings
internal import TensorEngine

/// The sizes of words that no network reads before they meet an image: BERT's embedding block alone. Nobody publishes it alone; a
/// model that begins with it draws it, takes a BERT's, or finds it among its own weights.
public struct WordDescription: Equatable, Sendable {
  public var vocabularySize: Int
  /// Rows of the position embedding.
  public var positions: Int
  public var width: Int
  public var pooling = TextPooling.mean

  public init(vocabularySize: Int, positions: Int, width: Int) {
    (self.vocabularySize, self.positions, self.width) = (vocabularySize, positions, width)
  }

  /// As BERT's block has them: of token types there is one.
  var block: BERTConfiguration {
    var made = BERTConfiguration()
    (made.vocabularySize, made.positions, made.tokenTypes, made.width) = (vocabularySize, positions, 1, width)
    return made
  }
}

extension WordDescription: TextTowerDescription {
  public static let modelType = "words"
  public static let title = "words alone"
  public static let names = [modelType]
  public static let poolings = [TextPooling.mean]
  public static let publishedKeys = [
    PublishedKeys("mmtrain's", prefixes: ["", "text_model."], mark: "embeddings.word_embeddings.weight")
  ]

  /// Nobody publishes files of them alone.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    let settings = request.settings.text
    guard !request.isStated("model.text.causal") || !settings.isCausal else {
      throw ModelRequestError(
        key: "model.text.causal", problem: "\(Self.title) have no direction; set it to false, or leave it out")
    }
    self.init(
      vocabularySize: settings.vocabularySize ?? request.vocabularySize, positions: settings.contextLength,
      width: settings.width)
  }

  public var flaw: String? {
    outside(vocabularySize, 3...10_000_000, "a vocabulary") ?? outside(positions, 2...65_536, "a context length")
      ?? outside(width, 1...65_536, "a width")
  }

  public var text: TextShape {
    TextShape(vocabularySize: vocabularySize, contextLength: positions, endToken: nil)
  }
  public var isCausal: Bool { false }

  public var layers: TowerLayers {
    TowerLayers(embeddings: ["embeddings."], blocks: [], finalNorm: [], projection: [])
  }

  public var blocks: [BlockGroup] { [] }
  public var dualEncoderObstacle: String? { "transformers has no \(Self.title) as a part of a pair of encoders" }

  /// Tables are read, and nothing is multiplied.
  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double { 0 }

  public func makeEncoder(_ builder: ParameterBuilder) -> any TextEncoder { WordTokens(self, builder) }
}

extension WordDescription: PartialTowerDescription {
  /// Of a BERT, whose norm must have the usual epsilon.
  init?(partOf whole: any TextTowerDescription) {
    guard let bert = whole as? BERTConfiguration, bert.epsilon == BERTConfiguration().epsilon else { return nil }
    self.init(vocabularySize: bert.vocabularySize, positions: bert.positions, width: bert.width)
  }
}

// MARK: Names in config.json

extension WordDescription: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case vocabularySize = "vocab_size"
    case positions = "max_position_embeddings"
    case width = "hidden_size"
  }

  public init(_ file: Settings) throws(SettingsError) {
    try file.require(KnownKeys(read: CodingKeys.allCases.map(\.rawValue)))
    self.init(
      vocabularySize: try file.requiredWhole(CodingKeys.vocabularySize),
      positions: try file.requiredWhole(CodingKeys.positions), width: try file.requiredWhole(CodingKeys.width))
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(vocabularySize, forKey: .vocabularySize)
    try keys.encode(positions, forKey: .positions)
    try keys.encode(width, forKey: .width)
  }
}
