public import Layers
public import TensorEngine

/// The sizes of a BERT (Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding",
/// 2019), read from and written as Hugging Face's `config.json`. Keys that a file leaves out have the library's defaults,
/// those of BERT-base.
public struct BERTConfiguration: PublishedTransformer, Equatable, Sendable {
  public var vocabularySize = 30522
  /// Rows of the position embedding.
  public var positions = 512
  /// Rows of the token type embedding: a text alone has the first one.
  public var tokenTypes = 2
  public var width = 768
  public var intermediate = 3072
  public var layerCount = 12
  public var heads = 12
  public var activation = Activation.geluErf
  public var epsilon: Float = 1e-12
  public var pooling = TextPooling.pooler
  /// A run's, not a file's.
  public var dropout = DropoutRates()
  /// Of the weights that are drawn; a run's as well.
  public var initialDeviation = BERTConfiguration.deviation

  public init() {}

  var transformer: TransformerConfiguration {
    var made = TransformerConfiguration(
      width: width, layers: layerCount, heads: heads, intermediate: intermediate, activation: activation,
      epsilon: epsilon, names: .bert, scales: TransformerScales(all: initialDeviation))
    made.dropout = dropout
    return made
  }

  /// Of all weights at the start, as published.
  static let deviation: Float = 0.02
}

// MARK: Hugging Face's names

extension BERTConfiguration: Encodable {
  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case architectures
    case vocabularySize = "vocab_size"
    case positions = "max_position_embeddings"
    case tokenTypes = "type_vocab_size"
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(["BertModel"], forKey: .architectures)
    try keys.encode(vocabularySize, forKey: .vocabularySize)
    try keys.encode(positions, forKey: .positions)
    try keys.encode(tokenTypes, forKey: .tokenTypes)
    try encodeTransformer(to: encoder)
  }
}
