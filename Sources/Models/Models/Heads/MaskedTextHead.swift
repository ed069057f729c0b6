public import Layers
public import TensorEngine

/// Says which word stood in the place of a masked one: a layer and a norm, then the token embedding read backwards with a bias
/// for each token (Devlin et al., "BERT", 2019; the tie of Press and Wolf, 2017).
public struct MaskedTextHead {
  let norm: LayerNorm?
  let dense: Linear
  let denseNorm: LayerNorm
  let decoder: Linear

  /// - Parameters:
  ///   - inputs: width of the joint states.
  ///   - norm: of these states, where a join leaves it to the heads.
  ///   - tokenEmbedding: the text tower's [V, W].
  public init(
    inputs: Int, norm: LayerNorm?, tokenEmbedding: Parameter, epsilon: Float, _ builder: ParameterBuilder
  ) {
    self.norm = norm
    let (vocabulary, width) = (tokenEmbedding.shape[0], tokenEmbedding.shape[1])
    dense = Linear(
      builder, "dense", inputs: inputs, outputs: width, activation: .geluErf,
      standardDeviation: 1 / Float(inputs).squareRoot())
    denseNorm = LayerNorm(builder, "layer_norm", width: width, epsilon: epsilon)
    decoder = Linear(
      weight: tokenEmbedding, bias: builder.parameter("bias", [vocabulary], .constant(0)), keepsFloat32: true)
  }

  /// Joint text states [N, W'] → logits [N, V].
  public func callAsFunction(_ states: Tensor, _ tape: Tape) -> Tensor {
    decoder(denseNorm(dense(norm?(states, tape) ?? states, tape), tape), tape)
  }
}
