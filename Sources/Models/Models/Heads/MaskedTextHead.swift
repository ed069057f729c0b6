public import Layers
public import TensorEngine

/// Says which word stood in the place of a masked one: a layer and a norm, then the token embedding read backwards with a bias
/// for each token (Devlin et al., "BERT", 2019; the tie of Press and Wolf, 2017).
public struct MaskedTextHead {
  let norm: LayerNorm?
  let dense: Linear
  let denseNorm: LayerNorm
  let decoder: Linear

  /// What its arrays are called.
  public struct Names: Sendable {
    let dense: String
    let norm: String
    let bias: String

    public static let own = Names(dense: "dense", norm: "layer_norm", bias: "bias")
    /// Of BERT's `cls.predictions`.
    static let bert = Names(dense: "transform.dense", norm: "transform.LayerNorm", bias: "bias")
  }

  /// - Parameters:
  ///   - inputs: width of the joint states.
  ///   - norm: of these states, where a pre-norm join leaves them as they are; nil where they are normalized.
  ///   - tokenEmbedding: the text tower's [V, W].
  ///   - deviation: of weights at the start; nil takes one over the root of the inputs.
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
