internal import TensorEngine

/// What linear layers are made with where a model is adapted: W + s B A with A [r, I] and B [O, r] in the place of W (Hu et
/// al., "LoRA: Low-Rank Adaptation of Large Language Models", 2022). Layers and models know nothing of it.
public struct LowRankAdaptation {
  /// r
  public let rank: Int
  /// s
  public let scale: Float
  /// Whether a layer gets an update.
  public let isTarget: (LinearLayer) -> Bool

  public init(rank: Int, scale: Float, isTarget: @escaping (LinearLayer) -> Bool) {
    (self.rank, self.scale, self.isTarget) = (rank, scale, isTarget)
  }

  /// s = alpha / r, or alpha / √r where updates of any rank are to learn alike (Kalajdzievski, "rsLoRA", 2023).
  public static func scale(rank: Int, alpha: Double, isRankStabilized: Bool = false) -> Float {
    Float(alpha / (isRankStabilized ? Double(rank).squareRoot() : Double(rank)))
  }
}

/// A linear layer by its name in checkpoints, without `.weight`: `text_model.encoder.layers.0.self_attn.q_proj`.
public struct LinearLayer: Sendable, Equatable {
  public let name: String
  public let inputs: Int
  public let outputs: Int
}

/// The update of one linear layer.
public struct LowRankParameters {
  /// [r, I]
  public let a: Parameter
  /// [O, r]
  public let b: Parameter
  let scale: Float
  /// Where the layer begins among the rows of the weight that it is a part of.
  let firstRow: Int

  /// What follows the layer's name in checkpoints, PEFT's words.
  public static let suffixes = (a: ".lora_A.weight", b: ".lora_B.weight")

  /// Whether a parameter is of an update, and not of the model that is adapted.
  public static func own(_ name: String) -> Bool { name.hasSuffix(suffixes.a) || name.hasSuffix(suffixes.b) }

  var update: LowRankUpdate { LowRankUpdate(a: a.tensor, b: b.tensor, scale: scale, firstRow: firstRow) }
}
