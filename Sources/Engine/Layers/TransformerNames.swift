/// Whose keys the arrays of a transformer's block have.
public struct TransformerNames: Sendable, Equatable {
  /// Of queries, keys and values.
  enum InProjection: Sendable, Equatable {
    /// Three arrays, each with `.weight` and `.bias` behind its name.
    case apart(String, String, String)
    /// One array that holds all three, with `_weight` and `_bias` behind its name.
    case stacked(String)
    /// The same with `.weight` and `.bias`, as any linear layer has them.
    case one(String)
  }

  /// In front of the number of a block.
  let blocks: String
  let inProjection: InProjection
  let outProjection: String
  let norm1: String
  let norm2: String
  /// The perceptron's two layers.
  let expand: String
  let contract: String

  /// Hugging Face's CLIP.
  public static let huggingFace = TransformerNames(
    blocks: "layers", inProjection: .apart("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    outProjection: "self_attn.out_proj", norm1: "layer_norm1", norm2: "layer_norm2", expand: "mlp.fc1",
    contract: "mlp.fc2")

  public static let openCLIP = TransformerNames(
    blocks: "resblocks", inProjection: .stacked("attn.in_proj"), outProjection: "attn.out_proj",
    norm1: "ln_1", norm2: "ln_2", expand: "mlp.c_fc", contract: "mlp.c_proj")

  /// Hugging Face's BERT: each norm stands behind what it normalizes.
  public static let bert = likeBERT(blocks: "layer")

  /// The same with another name in front of a block's number.
  public static func likeBERT(blocks: String) -> TransformerNames {
    TransformerNames(
      blocks: blocks, inProjection: .apart("attention.self.query", "attention.self.key", "attention.self.value"),
      outProjection: "attention.output.dense", norm1: "attention.output.LayerNorm", norm2: "output.LayerNorm",
      expand: "intermediate.dense", contract: "output.dense")
  }

  /// ViLBERT's connections, of which the perceptrons alone are called so.
  /// - Parameter letter: v for the image's side, t for the text's.
  public static func coAttention(letter: String) -> TransformerNames {
    TransformerNames(
      blocks: "c_layer", inProjection: .stacked("biattention"), outProjection: "biOutput.dense",
      norm1: "biOutput.LayerNorm",
      norm2: "\(letter)_output.LayerNorm", expand: "\(letter)_intermediate.dense", contract: "\(letter)_output.dense")
  }

  /// Hugging Face's ViT.
  public static let vit = TransformerNames(
    blocks: "layer",
    inProjection: .apart("attention.attention.query", "attention.attention.key", "attention.attention.value"),
    outProjection: "attention.output.dense", norm1: "layernorm_before", norm2: "layernorm_after",
    expand: "intermediate.dense", contract: "output.dense")

  /// Hugging Face's image tower of BLIP.
  public static let blip = TransformerNames(
    blocks: "layers", inProjection: .one("self_attn.qkv"), outProjection: "self_attn.projection", norm1: "layer_norm1",
    norm2: "layer_norm2", expand: "mlp.fc1", contract: "mlp.fc2")
}

/// What the arrays of an attention to another stream are called.
public struct CrossAttentionNames: Sendable {
  let query: String
  let key: String
  let value: String
  let out: String

  public static let own = CrossAttentionNames(query: "q_proj", key: "k_proj", value: "v_proj", out: "out_proj")
  /// Of Hugging Face's BERT, below `crossattention`.
  public static let bert = CrossAttentionNames(
    query: "self.query", key: "self.key", value: "self.value", out: "output.dense")
}
