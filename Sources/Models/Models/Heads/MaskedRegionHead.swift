internal import Layers
public import TensorEngine

/// Says what a hidden region is, by its joint state: a layer and a norm, then a number for each class, or for each of its
/// features (Lu et al., "ViLBERT", 2019, §3.2).
public struct MaskedRegionHead {
  let dense: Linear
  let norm: LayerNorm
  let decoder: Linear

  /// - Parameter targets: classes, or features.
  init(
    width: Int, targets: Int, activation: Activation, epsilon: Float, deviation: Float, _ builder: ParameterBuilder
  ) {
    dense = Linear(
      builder, "transform.dense", inputs: width, outputs: width, activation: activation, standardDeviation: deviation)
    norm = LayerNorm(builder, "transform.LayerNorm", width: width, epsilon: epsilon)
    decoder = Linear(
      builder, "decoder", inputs: width, outputs: targets, keepsFloat32: true, standardDeviation: deviation)
  }

  /// Joint image states [N, W] → [N, targets].
  public func callAsFunction(_ states: Tensor, _ tape: Tape) -> Tensor {
    decoder(norm(dense(states, tape), tape), tape)
  }
}
