internal import Layers
internal import TensorEngine

/// A transformer a modality, none of which sees the others; the vectors that stand for their segments become one. What a text or an
/// image makes is computed once, however many pairs it is in. Pre-norm.
struct LateFusion: TokenJoin {
  private let texts: TransformerEncoder
  private let images: TransformerEncoder
  let vectors: VectorFusion

  init(_ configuration: TransformerConfiguration, _ kind: VectorFusionKind, _ builder: ParameterBuilder) {
    let stream = { (name: String) in
      TransformerEncoder(
        builder[name], configuration,
        finalNorm: LayerNorm(builder[name], "norm", width: configuration.width, epsilon: configuration.epsilon))
    }
    (texts, images) = (stream("text"), stream("image"))
    vectors = VectorFusion(kind, modalities: 2, width: configuration.width, builder["late"])
  }

  var hasLayersApart: Bool { true }

  /// A vector a sample by those of its image and its text.
  func vector(image: Tensor, text: Tensor, _ tape: Tape) -> Tensor { vectors([text, image], tape) }

  func apart(texts: Encoding, _ tape: Tape) -> Encoding {
    texts.with(self.texts(texts.states, AttentionSegments(offsets: texts.offsets, tokens: .text), tape))
  }

  func apart(images: Encoding, _ tape: Tape) -> Encoding {
    images.with(self.images(images.states, AttentionSegments(offsets: images.offsets, tokens: .image), tape))
  }

  func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let (imageOfPair, textOfPair) = (pairs.map(\.image), pairs.map(\.text))
    let vectors = vectors(
      [tape.gatherRows(texts.pooled(tape), textOfPair), tape.gatherRows(images.pooled(tape), imageOfPair)], tape)
    return JointStates(
      images: images, texts: texts, imageOfPair: imageOfPair, textOfPair: textOfPair, vectors: vectors)
  }
}
