internal import Layers
internal import TensorEngine

/// One transformer over the tokens of a text and an image together, in which they meet from the first layer on: post-norm as
/// UNITER (Chen et al., 2020) and VisualBERT (Li et al., 2019), pre-norm with a norm behind the last layer as ViLT (Kim et al.,
/// 2021).
struct SingleStream {
  private enum Layers {
    case postNorm(PostNormEncoder)
    case preNorm(TransformerEncoder)
  }

  private let layers: Layers

  init(postNorm encoder: PostNormEncoder) { layers = .postNorm(encoder) }
  init(preNorm encoder: TransformerEncoder) { layers = .preNorm(encoder) }

  /// The states of all tokens, row by row.
  /// - Parameter tokens: as they enter the first layer; under post-norm the results of norms.
  func callAsFunction(_ tokens: PackedPairs, _ tape: Tape) -> Tensor {
    let segments = AttentionSegments(offsets: tokens.offsets, tokens: tokens.streams)
    switch layers {
    case .postNorm(let encoder): return encoder(tokens.states, segments, tape)
    case .preNorm(let encoder): return encoder(tokens.states, segments, tape)
    }
  }
}
