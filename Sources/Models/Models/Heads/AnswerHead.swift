internal import Layers
public import TensorEngine

/// A number for each answer: a wider layer, a norm, and the answers (Anderson et al., "Bottom-Up and Top-Down Attention", 2018, as
/// ViLBERT, UNITER and ViLT have it). Keys are the layers' places in a sequence.
public struct AnswerHead {
  /// Where the norm stands.
  enum Order {
    /// Layer, GELU, norm, layer: ViLBERT, UNITER, LXMERT.
    case activationFirst
    /// Layer, norm, GELU, layer: ViLT.
    case normFirst
  }

  private let order: Order
  let dense: Linear
  let norm: LayerNorm
  let output: Linear

  init(
    inputs: Int, width: Int, outputs: Int, order: Order = .activationFirst, epsilon: Float, deviation: Float,
    _ builder: ParameterBuilder
  ) {
    self.order = order
    dense = Linear(
      builder, "0", inputs: inputs, outputs: width, activation: order == .activationFirst ? .geluErf : .none,
      standardDeviation: deviation)
    norm = LayerNorm(builder, order == .activationFirst ? "2" : "1", width: width, epsilon: epsilon)
    output = Linear(builder, "3", inputs: width, outputs: outputs, keepsFloat32: true, standardDeviation: deviation)
  }

  /// [N, I] → [N, answers]
  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    let normalized = norm(dense(x, tape), tape)
    return output(order == .normFirst ? tape.activate(normalized, .geluErf) : normalized, tape)
  }
}
