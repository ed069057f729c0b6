internal import Layers
internal import TensorEngine

/// The sizes of a ViLBERT (Lu et al., "ViLBERT: Pretraining Task-Agnostic Visiolinguistic Representations for Vision-and-Language
/// Tasks", 2019; "12-in-1", 2020), read from and written as its authors' `config.json`. What it begins with are those of
/// `bert_base_6layer_6conect.json`.
public struct ViLBERTConfiguration: Equatable, Sendable {
  /// The text's stream: a BERT. What is dropped of it is dropped of the image's stream and of the connections too.
  var words = BERTConfiguration()
  /// The image's stream.
  var vision = ImageStream()
  /// Of the connections, which both streams are brought to, and of the pooled states.
  var width = 1024
  var heads = 8
  /// The layers of each stream in front of which the connections stand.
  var textConnections = [6, 7, 8, 9, 10, 11]
  var imageConnections = [0, 1, 2, 3, 4, 5]
  var regions = RegionSource(.given(RegionShape(width: 2048, limit: 36)))
  /// How the two pooled states become one.
  var fusion = PooledFusion.product
  /// Nil for a model without the heads of pre-training.
  var pretraining: PretrainingSizes? = PretrainingSizes()
  /// Nil for a model without the heads of tasks.
  var answerHeads: AnswerCounts?
  /// Of VQA's head, as `config.json` names them, whether or not it is there; nil where it names none.
  public var labels: [String]?
  /// Rows of the table of task tokens; nil for a model without them.
  var taskTokens: Int?

  public init() {}

  struct ImageStream: Equatable, Sendable {
    var width = 1024
    var layers = 6
    var heads = 8
    var intermediate = 1024
    var activation = Activation.geluErf
  }

  enum PooledFusion: String, CaseIterable, Sendable {
    case product = "mul"
    case sum
  }

  struct PretrainingSizes: Equatable, Sendable {
    /// Numbers that are told of a masked region: classes, the background first, or its features; nil where nobody says, and the head
    /// is as wide as the authors'.
    var regionTargets: Int?
    /// Whether the pixels of a hidden cell are told beside them.
    var hasRegionPixels = false

    var toldNumbers: Int { regionTargets ?? 1601 }
  }

  /// Answers that the two heads for questions know.
  struct AnswerCounts: Equatable, Sendable {
    var vqa = 3129
    var gqa = 1533
  }

  var streams: CoAttentionConfiguration {
    var image = TransformerConfiguration(
      width: vision.width, layers: vision.layers, heads: vision.heads, intermediate: vision.intermediate,
      activation: vision.activation, epsilon: words.epsilon, names: .likeBERT(blocks: "v_layer"),
      scales: TransformerScales(all: BERTConfiguration.deviation))
    image.dropout = words.dropout
    return CoAttentionConfiguration(
      text: words.transformer, image: image, width: width, heads: heads, textLayers: textConnections,
      imageLayers: imageConnections)
  }
}
