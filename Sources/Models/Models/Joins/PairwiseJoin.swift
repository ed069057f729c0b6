package import Layers
package import TensorEngine

/// Three modalities that meet two by two: Z = Combine(CA(image, text), CA(image, audio), CA(text, audio)), where CA is layers in which
/// both attend to each other, of weights of its own in each pair, and the vectors of the pairs become one as vectors of modalities do.
///
/// In the place of a modality that a sample lacks a learned token stands, as wide as the states it stands for: the pairs that need it
/// attend to it.
package struct PairwiseJoin {
  private let pairs: [(pair: ModalityPair, join: CrossAttentionJoin)]
  private let vectors: VectorFusion
  /// [1, W] of the encoder's states, in the order of `Modality.allCases`.
  private let absent: [Parameter]
  /// Of what stands for a sample.
  package let width: Int

  /// - Parameter widths: of each modality's states.
  package init(
    _ configuration: FusionConfiguration, _ kind: VectorFusionKind, widths: (Modality) -> Int,
    _ builder: ParameterBuilder
  ) {
    width = 2 * configuration.width
    absent = Modality.allCases.map {
      builder.parameter("absent_\($0.rawValue)", [1, widths($0)], .normal(standardDeviation: 0.02))
    }
    pairs = ModalityPair.all.map { pair in
      let join = CrossAttentionJoin(
        configuration, textWidth: widths(pair.second), imageWidth: widths(pair.first),
        streams: (text: pair.second, image: pair.first), builder[pair.name])
      return (pair, join)
    }
    vectors = VectorFusion(kind, modalities: pairs.count, width: width, builder["combine"])
  }

  /// What stands for each sample [N, 2W].
  package func callAsFunction(_ encodings: ModalityEncodings, _ samples: [PooledReader.Sample], _ tape: Tape) -> Tensor
  {
    let states = zip(Modality.allCases, absent).map { modality, token in
      PooledReader.completed(encodings[modality], samples.map { $0[modality] }, token, tape)
    }
    let met = pairs.map { pair, join in
      let (first, second) = (states[pair.first.place], states[pair.second.place])
      let meetings = zip(first.segments, second.segments).map { ImageTextPair(image: $0, text: $1) }
      return join.pooled(join(first.encoding, second.encoding, meetings, tape), tape)
    }
    return vectors(met, tape)
  }
}
