public import TensorEngine

/// Multi-head attention of packed segments to themselves.
public struct SelfAttention {
  public let heads: Int
  public let inProjection: Linear
  public let outProjection: Linear

  /// - Parameter hasInBias: whether something is added to queries, keys and values.
  public init(
    _ builder: ParameterBuilder, width: Int, heads: Int, scales: TransformerScales,
    names: TransformerNames = .huggingFace, hasInBias: Bool = true
  ) {
    self.heads = heads
    switch names.inProjection {
    case .apart(let query, let key, let value):
      inProjection = Linear(
        builder, query, key, value, inputs: width, outputs: width, hasBias: hasInBias,
        standardDeviation: scales.attention)
    case .stacked(let name):
      inProjection = Linear(
        weight: builder.parameter(name + "_weight", [3 * width, width], .normal(standardDeviation: scales.attention)),
        bias: hasInBias ? builder.parameter(name + "_bias", [3 * width], .constant(0)) : nil)
    }
    outProjection = Linear(
      builder, names.outProjection, inputs: width, outputs: width, standardDeviation: scales.residual)
  }

  /// x [T, W] → [T, W]; x is the result of a norm that nothing else reads, and is released.
  public func callAsFunction(releasing x: Tensor, _ segments: AttentionSegments, _ tape: Tape) -> Tensor {
    outProjection(attend(releasing: x, segments, tape), tape)
  }

  /// The heads side by side, before the projection that mixes them [T, W].
  func attend(_ x: Tensor, _ segments: AttentionSegments, dropout: Dropout, _ tape: Tape) -> Tensor {
    tape.attention(
      queryKeyValue: inProjection(x, tape), heads: heads, segments: segments, dropout: dropout.ofProbabilities)
  }

  /// The same for the result of a norm that nothing else reads.
  func attend(releasing x: Tensor, _ segments: AttentionSegments, _ tape: Tape) -> Tensor {
    tape.attention(queryKeyValue: inProjection(releasing: x, tape), heads: heads, segments: segments)
  }
}

/// Multi-head attention in which one stream's tokens query another's: softmax(Q_x K_yᵀ / √d) V_y.
public struct CrossAttention {
  public let heads: Int
  public let queryProjection: Linear
  public let keyValueProjection: Linear
  public let outProjection: Linear

  public init(_ builder: ParameterBuilder, width: Int, heads: Int, scales: TransformerScales) {
    self.heads = heads
    queryProjection = Linear(builder, "q_proj", inputs: width, outputs: width, standardDeviation: scales.attention)
    keyValueProjection = Linear(
      builder, "k_proj", "v_proj", inputs: width, outputs: width, standardDeviation: scales.attention)
    outProjection = Linear(
      builder, "out_proj", inputs: width, outputs: width, standardDeviation: scales.residual)
  }

  /// x [Tx, W] queries context [Ty, W] → [Tx, W]; both are results of norms that nothing else reads, and are released.
  public func callAsFunction(
    _ x: Tensor, context: Tensor, _ segments: AttentionSegments, _ tape: Tape
  ) -> Tensor {
    let attended = tape.attention(
      query: queryProjection(releasing: x, tape), keyValue: keyValueProjection(releasing: context, tape),
      heads: heads, segments: segments)
    return outProjection(attended, tape)
  }
}
