internal import Layers
internal import TensorEngine

/// All tokens of a pair in one transformer from its first layer on, each marked by its modality (Li et al., "VisualBERT", 2019; Kim
/// et al., "ViLT", 2021). Pre-norm.
struct EarlyFusion: TokenJoin {
  /// Row 0 is added to the tokens of texts, row 1 to those of images.
  let modalities: Parameter
  let stream: SingleStream

  init(_ configuration: TransformerConfiguration, _ builder: ParameterBuilder) {
    modalities = builder.parameter(
      "modality_embeddings.weight", [2, configuration.width], .normal(standardDeviation: 0.02))
    stream = SingleStream(
      preNorm: TransformerEncoder(
        builder, configuration,
        finalNorm: LayerNorm(builder, "norm", width: configuration.width, epsilon: configuration.epsilon)))
  }

  func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let table = modalities.tensor
    let tokens = PackedPairs(texts.adding(0, of: table, tape), images.adding(1, of: table, tape), pairs, tape)
    return tokens.joint(stream(tokens, tape), tape).withMeanVectors(tape)
  }
}
