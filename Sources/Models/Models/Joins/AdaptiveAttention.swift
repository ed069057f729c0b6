internal import Layers
internal import TensorEngine

/// Attention that may look away: beside the other stream's tokens each query sees a sentinel, made of what its own token knows
/// already. With the weights α̂ of a softmax over all of them, and β the sentinel's, the result is Σ α̂_j v_j + β s, which is
/// (1 − β) c + β s (Lu et al., "Knowing When to Look: Adaptive Attention via a Visual Sentinel for Image Captioning", 2017, §3.2).
///
/// There s = σ(W_x x + W_h h) ∘ tanh(m) is made of a recurrent network's input, state and memory; a token of a transformer has one
/// state for all three: s = σ(W_g x) ∘ tanh(W_m x). The sentinel's key is learned, a head each, and β is a head's.
struct AdaptiveAttention {
  let heads: Int
  let query: Linear
  let key: Linear
  let value: Linear
  let output: Linear
  let sentinelGate: Linear
  let sentinelMemory: Linear
  /// [1, W]
  let sentinelKey: Parameter

  init(_ builder: ParameterBuilder, width: Int, heads: Int, scales: TransformerScales) {
    self.heads = heads
    let layer = { (name: String, activation: Activation) in
      Linear(
        builder, name, inputs: width, outputs: width, activation: activation, keepsFloat32: activation == .none,
        standardDeviation: scales.attention)
    }
    (query, key, value) = (layer("q_proj", .none), layer("k_proj", .none), layer("v_proj", .none))
    output = Linear(builder, "out_proj", inputs: width, outputs: width, standardDeviation: scales.residual)
    (sentinelGate, sentinelMemory) = (layer("sentinel.gate", .sigmoid), layer("sentinel.memory", .tanh))
    sentinelKey = builder.parameter("sentinel.key", [1, width], .normal(standardDeviation: 1))
  }

  /// x [Tx, W] queries context [Ty, W] → [Tx, W]; both are results of norms that nothing else reads, and are released.
  func callAsFunction(_ x: Tensor, context: Tensor, _ segments: AttentionSegments, _ tape: Tape) -> Tensor {
    let (more, engine) = (WithSentinel(segments), tape.engine)
    let (queries, keys) = (query(x, tape), more.rows(key(context, tape), sentinelKey.tensor, tape))
    let attend = { (values: Tensor) in
      tape.attention(
        query: queries, keyValue: tape.concatenateColumns(keys, values), heads: heads, segments: more.segments)
    }
    // Σ α̂_j v_j: in it the sentinel's value is 0.
    let attended = attend(more.rows(value(context, tape), engine.zeros([1, x.columns]), tape))
    // β of a head in all of its columns: what is attended to where the sentinel's value is 1 and all others are 0.
    let ones = engine.tensor([Float](repeating: 1, count: x.columns), shape: [1, x.columns])
    let shares = attend(more.rows(engine.zeros(context.shape), ones, tape))
    let sentinel = tape.multiply(sentinelGate(x, tape), sentinelMemory(x, tape))
    for read in [x, context] { read.releaseRecomputableValues() }
    return output(tape.add(attended, tape.multiply(shares, sentinel)), tape)
  }
}

/// Keys with one more behind those of each segment.
private struct WithSentinel {
  let segments: AttentionSegments
  private let order: [Int]

  init(_ segments: AttentionSegments) {
    let offsets = segments.keyOffsets
    let total = offsets[offsets.count - 1]
    order = zip(offsets, offsets.dropFirst()).flatMap { Array($0..<$1) + [total] }
    self.segments = AttentionSegments(
      queryOffsets: segments.queryOffsets, keyOffsets: offsets.enumerated().map { $1 + $0 },
      keySegments: segments.keySegments, queryTokens: segments.queryTokens,
      keyTokens: segments.keyTokens?.followed(
        by: TokenStream("sentinel"), from: offsets.dropFirst().enumerated().map { $1 + $0 }))
  }

  /// x [Ty, W] with `row` [1, W] behind each segment.
  func rows(_ x: Tensor, _ row: Tensor, _ tape: Tape) -> Tensor {
    tape.gatherRows(tape.concatenateRows([x, row]), order)
  }
}
