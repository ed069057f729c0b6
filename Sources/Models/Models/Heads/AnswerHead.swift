internal import Layers
public import TensorEngine

/// Answers a question by one of a list: a wider layer, a norm and a GELU in one order or the other, and a logit for each answer
/// (Kim et al., "ViLT", 2021; Chen et al., "UNITER", 2020).
public struct AnswerHead {
  /// Where the norm stands.
  enum Order {
    /// Layer, norm, GELU, layer: ViLT.
    case normFirst
    /// Layer, GELU, norm, layer: LXMERT, UNITER, ViLBERT.
    case activationFirst
  }

  /// In the order of the logits.
  public let answers: [String]
  private let order: Order
  private let dense: Linear
  private let norm: LayerNorm
  private let output: Linear

  /// - Parameter builder: of the layers, which are called by their places as PyTorch's `Sequential` does.
  init(
    _ answers: [String], width: Int, order: Order, epsilon: Float, deviation: Float, _ builder: ParameterBuilder
  ) {
    (self.answers, self.order) = (answers, order)
    dense = Linear(
      builder, "0", inputs: width, outputs: 2 * width, activation: order == .activationFirst ? .geluErf : .none,
      standardDeviation: deviation)
    norm = LayerNorm(builder, order == .normFirst ? "1" : "2", width: 2 * width, epsilon: epsilon)
    output = Linear(
      builder, "3", inputs: 2 * width, outputs: answers.count, keepsFloat32: true, standardDeviation: deviation)
  }

  /// Pooled joint states [G, W] → logits [G, A].
  public func callAsFunction(_ pooled: Tensor, _ tape: Tape) -> Tensor {
    let normalized = norm(dense(pooled, tape), tape)
    return output(order == .normFirst ? tape.activate(normalized, .geluErf) : normalized, tape)
  }
}
