internal import Layers
internal import TensorEngine

/// What a stream learns from the other one, on its way through a layer: x + attention(LN₂ x → LN_context y). With a gate it is
/// x + tanh(α) attention, and α begins at 0, so that the stream begins as it would be without the other one; a gated perceptron may
/// follow, x + tanh(α') mlp(LN x) (Alayrac et al., "Flamingo", 2022, §2.2 and figure 4).
struct CrossBranch {
  let norm: LayerNorm
  let contextNorm: LayerNorm
  let attention: Attention
  let gate: TanhGate?
  let dense: (norm: LayerNorm, feedForward: FeedForward, gate: TanhGate)?

  enum Attention {
    case plain(CrossAttention)
    case adaptive(AdaptiveAttention)
  }

  init(_ builder: ParameterBuilder, _ configuration: FusionConfiguration, _ scales: TransformerScales) {
    let (width, epsilon, heads) = (configuration.width, configuration.epsilon, configuration.heads)
    norm = LayerNorm(builder, "layer_norm2", width: width, epsilon: epsilon)
    contextNorm = LayerNorm(builder, "layer_norm_context", width: width, epsilon: epsilon)
    attention =
      configuration.hasSentinel
      ? .adaptive(AdaptiveAttention(builder["cross_attn"], width: width, heads: heads, scales: scales))
      : .plain(CrossAttention(builder["cross_attn"], width: width, heads: heads, scales: scales))
    gate = configuration.gate == .none ? nil : TanhGate(builder, "cross_attn_gate")
    dense =
      configuration.gate == .dense
      ? (
        LayerNorm(builder, "layer_norm_dense", width: width, epsilon: epsilon),
        FeedForward(
          builder["dense"], width: width, intermediate: configuration.intermediate,
          activation: configuration.activation, scales: scales),
        TanhGate(builder, "dense_gate")
      ) : nil
  }

  /// - Parameters:
  ///   - change: of the stream [T, W], yet to be added to it.
  ///   - segments: which keys of the other stream a segment reads.
  /// - Returns: the stream, and a change that is yet to be added, if any.
  func callAsFunction(
    _ change: Tensor, adding stream: Tensor, context: Tensor, _ segments: AttentionSegments, _ tape: Tape
  ) -> (stream: Tensor, change: Tensor?) {
    let (sum, query) = norm(change, adding: stream, tape)
    let seen = contextNorm(context, tape)
    let attended =
      switch attention {
      case .plain(let attention): attention(query, context: seen, segments, tape)
      case .adaptive(let attention): attention(query, context: seen, segments, tape)
      }
    guard let gate else { return (sum, attended) }
    let opened = gate(attended, adding: sum, tape)
    guard let dense else { return (opened, nil) }
    let more = dense.feedForward(releasing: dense.norm(opened, tape), tape)
    return (dense.gate(more, adding: opened, tape), nil)
  }
}

/// x + tanh(α) y, for a learned number α that begins at 0.
struct TanhGate {
  let alpha: Parameter

  init(_ builder: ParameterBuilder, _ name: String) { alpha = builder.parameter(name, [1], .constant(0)) }

  /// y [T, W], x [T, W] → [T, W]
  func callAsFunction(_ y: Tensor, adding x: Tensor, _ tape: Tape) -> Tensor {
    let opening = tape.repeatChannels(tape.activate(alpha.tensor, .tanh), times: y.columns)
    return tape.scaleChannels(y, by: opening, adding: x)
  }
}
