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
    case .one(let name):
      inProjection = Linear(
        builder, name, inputs: width, outputs: 3 * width, hasBias: hasInBias, standardDeviation: scales.attention)
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

  /// The same for tokens that go on with texts, of whose tokens before them keys and values are at hand.
  /// - Parameter offsets: the new tokens of each text.
  func attend(_ x: Tensor, _ offsets: [Int], after cache: KeyValueCache, _ tape: Tape) -> Tensor {
    tape.attention(queryKeyValue: inProjection(x, tape), heads: heads, offsets: offsets, after: cache)
  }
}

/// Multi-head attention in which one stream's tokens query another's: softmax(Q_x K_yᵀ / √d) V_y.
public struct CrossAttention {
  public let heads: Int
  public let queryProjection: Linear
  public let keyValueProjection: Linear
  public let outProjection: Linear

  /// - Parameter contextWidth: of the stream that is queried; nil where it is as wide as the one that queries.
  public init(
    _ builder: ParameterBuilder, width: Int, contextWidth: Int? = nil, heads: Int, scales: TransformerScales,
    names: CrossAttentionNames = .own
  ) {
    self.heads = heads
    queryProjection = Linear(
      builder, names.query, inputs: width, outputs: width, standardDeviation: scales.attention)
    keyValueProjection = Linear(
      builder, names.key, names.value, inputs: contextWidth ?? width, outputs: width,
      standardDeviation: scales.attention)
    outProjection = Linear(
      builder, names.out, inputs: width, outputs: width, standardDeviation: scales.residual)
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

  /// Keys and values of the context side by side [Ty, 2W], which others read too.
  func keysAndValues(of context: Tensor, _ tape: Tape) -> Tensor { keyValueProjection(context, tape) }

  /// The heads side by side, before the projection that mixes them [Tx, W]; x goes on as it is.
  func attend(
    _ x: Tensor, keyValue: Tensor, _ segments: AttentionSegments, dropout: Dropout, _ tape: Tape
  ) -> Tensor {
    tape.attention(
      query: queryProjection(x, tape), keyValue: keyValue, heads: heads, segments: segments,
      dropout: dropout.ofProbabilities)
  }
}
