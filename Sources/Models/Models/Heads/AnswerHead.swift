internal import Layers
internal import TensorEngine

/// A number for each answer: a wider layer, a norm, and the answers (Anderson et al., "Bottom-Up and Top-Down Attention", 2018, as
/// ViLBERT, UNITER and ViLT have it). Keys are those of the sequence 0, 2, 3.
struct AnswerHead {
  let dense: Linear
  let norm: LayerNorm
  let output: Linear

  init(
    inputs: Int, width: Int, outputs: Int, epsilon: Float, deviation: Float, _ builder: ParameterBuilder
  ) {
    dense = Linear(
      builder, "0", inputs: inputs, outputs: width, activation: .geluErf, standardDeviation: deviation)
    norm = LayerNorm(builder, "2", width: width, epsilon: epsilon)
    output = Linear(builder, "3", inputs: width, outputs: outputs, keepsFloat32: true, standardDeviation: deviation)
  }

  /// [N, I] → [N, answers]
  func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor { output(norm(dense(x, tape), tape), tape) }
}
