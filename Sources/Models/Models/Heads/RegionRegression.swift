internal import Layers
internal import TensorEngine

/// Says what the features of a masked region were: a layer with GELU, a norm, then the layer that embeds features read backwards
/// with a bias for each number (Chen et al., "UNITER", 2020, §3.2).
struct RegionRegression {
  let dense: Linear
  let norm: LayerNorm
  /// Of the layer that embeds features [W, F].
  let embedding: Parameter
  let bias: Parameter

  /// Keys are those of a sequence below `net`.
  init(embedding: Parameter, epsilon: Float, deviation: Float, _ builder: ParameterBuilder) {
    self.embedding = embedding
    let (width, features) = (embedding.shape[0], embedding.shape[1])
    dense = Linear(
      builder, "net.0", inputs: width, outputs: width, activation: .geluErf, standardDeviation: deviation)
    norm = LayerNorm(builder, "net.2", width: width, epsilon: epsilon)
    bias = builder.parameter("bias", [features], .constant(0))
  }

  /// [N, W] → [N, F]
  func callAsFunction(_ states: Tensor, _ tape: Tape) -> Tensor {
    tape.project(norm(dense(states, tape), tape), by: embedding.tensor, bias: bias.tensor)
  }
}
