internal import Layers
internal import TensorEngine

/// Says of joint states whether image and text belong together.
struct MatchingHead {
  let dense: Linear
  let output: Linear

  /// - Parameter inputs: width of the pooled states.
  init(inputs: Int, width: Int, _ builder: ParameterBuilder) {
    dense = Linear(
      builder, "dense", inputs: inputs, outputs: width, activation: .geluErf,
      standardDeviation: 1 / Float(inputs).squareRoot())
    output = Linear(builder, "output", inputs: width, outputs: 2, keepsFloat32: true, standardDeviation: 0.02)
  }

  /// [G, W'] → logits [G, 2]; index 1 says that they belong together.
  func callAsFunction(_ pooled: Tensor, _ tape: Tape) -> Tensor { output(dense(pooled, tape), tape) }
}
