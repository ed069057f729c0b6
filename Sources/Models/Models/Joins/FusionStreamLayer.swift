internal import Layers
internal import TensorEngine

/// One stream's part of a fusion layer (pre-norm): x += self-attention; x += attention to the other stream as it came
/// into the layer; x += feed-forward. The two-stream form of METER (Dou et al., 2022) and of ALBEF's fusion encoder
/// (Li et al., 2021).
struct FusionStreamLayer {
  let norm1: LayerNorm
  let selfAttention: SelfAttention
  let cross: CrossBranch?
  let norm3: LayerNorm
  let feedForward: FeedForward

  init(_ builder: ParameterBuilder, _ configuration: FusionConfiguration) {
    let (width, epsilon) = (configuration.width, configuration.epsilon)
    let scales = TransformerScales(width: width, layers: configuration.layers)
    norm1 = LayerNorm(builder, "layer_norm1", width: width, epsilon: epsilon)
    selfAttention = SelfAttention(builder, width: width, heads: configuration.heads, scales: scales)
    cross = configuration.hasCrossAttention ? CrossBranch(builder, configuration, scales) : nil
    norm3 = LayerNorm(builder, "layer_norm3", width: width, epsilon: epsilon)
    feedForward = FeedForward(
      builder, width: width, intermediate: configuration.intermediate, activation: configuration.activation,
      scales: scales)
  }

  func callAsFunction(
    _ x: Tensor, _ offsets: [Int], context: Tensor, _ segments: AttentionSegments, _ tape: Tape
  ) -> Tensor {
    let own = selfAttention(releasing: norm1(x, tape), AttentionSegments(offsets: offsets), tape)
    var (stream, change): (Tensor, Tensor?) = (x, own)
    if let cross { (stream, change) = cross(own, adding: x, context: context, segments, tape) }
    let normalized: Tensor
    if let change {
      (stream, normalized) = norm3(change, adding: stream, tape)
    } else {
      normalized = norm3(stream, tape)
    }
    let fed = feedForward(releasing: normalized, tape)
    defer { fed.releaseValues("the branch was added to the residual stream") }
    return tape.add(stream, fed)
  }
}
