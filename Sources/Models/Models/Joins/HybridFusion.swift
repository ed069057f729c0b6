internal import Layers
internal import TensorEngine

/// A joint part and a separate one on the same tokens, side by side: F = f_early + f_late, of vectors and of each token's states.
struct HybridFusion: TokenJoin {
  let early: EarlyFusion
  let late: LateFusion

  init(_ configuration: TransformerConfiguration, _ kind: VectorFusionKind, _ builder: ParameterBuilder) {
    early = EarlyFusion(configuration, builder["joint"])
    late = LateFusion(configuration, kind, builder)
  }

  func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let joint = early(images, texts, pairs, tape)
    let apart = late(images, texts, pairs, tape)
    let add = { (joint: Encoding, apart: Encoding, segments: [Int]) in
      joint.with(tape.add(joint.states, apart.selecting(segments, tape).states))
    }
    return JointStates(
      images: add(joint.images, apart.images, apart.imageOfPair),
      texts: add(joint.texts, apart.texts, apart.textOfPair), imageOfPair: joint.imageOfPair,
      textOfPair: joint.textOfPair, vectors: tape.add(joint.madeVectors, apart.madeVectors))
  }
}
