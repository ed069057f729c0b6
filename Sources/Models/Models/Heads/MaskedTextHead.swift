public import Layers
public import TensorEngine

/// Says which word stood in the place of a masked one: a layer and a norm, then the token embedding read backwards with a bias
/// for each token (Devlin et al., "BERT", 2019; the tie of Press and Wolf, 2017).
public struct MaskedTextHead {
  let norm: LayerNorm?
  let dense: Linear
  let denseNorm: LayerNorm
  let decoder: Linear

  /// Whose names its arrays have.
  public enum Names {
    case own
    /// BERT's, of the layer and its norm; the bias of the words is called differently from model to model.
    case transform(bias: String)

    fileprivate var dense: String { isOwn ? "dense" : "transform.dense" }
    fileprivate var norm: String { isOwn ? "layer_norm" : "transform.LayerNorm" }
    fileprivate var bias: String {
      guard case .transform(let bias) = self else { return "bias" }
      return bias
    }
    private var isOwn: Bool {
      guard case .own = self else { return false }
      return true
    }
  }

  /// - Parameters:
  ///   - inputs: width of the joint states.
  ///   - norm: of these states, where a join leaves it to the heads.
  ///   - tokenEmbedding: the text tower's [V, W].
  ///   - deviation: of the layer's weights at the start; nil takes 1 / √inputs.
  public init(
    inputs: Int, norm: LayerNorm?, tokenEmbedding: Parameter, epsilon: Float, names: Names = .own,
    deviation: Float? = nil, _ builder: ParameterBuilder
  ) {
    self.norm = norm
    let (vocabulary, width) = (tokenEmbedding.shape[0], tokenEmbedding.shape[1])
    dense = Linear(
      builder, names.dense, inputs: inputs, outputs: width, activation: .geluErf,
      standardDeviation: deviation ?? 1 / Float(inputs).squareRoot())
    denseNorm = LayerNorm(builder, names.norm, width: width, epsilon: epsilon)
    decoder = Linear(
      weight: tokenEmbedding, bias: builder.parameter(names.bias, [vocabulary], .constant(0)), keepsFloat32: true)
  }

  /// Joint text states [N, W'] → logits [N, V].
  public func callAsFunction(_ states: Tensor, _ tape: Tape) -> Tensor {
    decoder(denseNorm(dense(norm?(states, tape) ?? states, tape), tape), tape)
  }
}
