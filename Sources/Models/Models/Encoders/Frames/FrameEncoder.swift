package import Layers
package import TensorEngine

/// Makes a state of each frame of a video by a tower that sees pictures one by one; their mean stands for the video. With positions the
/// frames see each other first: v + T(v + p), where T are pre-norm blocks and p belongs to a frame's place (`seqTransf` of Luo et al.,
/// "CLIP4Clip", 2021; their mean is over features that are projected and of length one, ours over states before the projection).
struct FrameEncoder: ImageEncoder {
  let tower: any ImageEncoder
  /// Nil where the mean is all.
  let order: FrameOrder?

  var width: Int { tower.width }
  var dropsStates: Bool { tower.dropsStates }

  /// - Returns: a state a frame, a segment a video, whatever tokens are asked for.
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let frames = images.frames
    let seen = tower.pooled(tower(ImageInput(.pictures(frames.pictures)), .pooled, tape), tape)
    return Encoding(pooledOverAll: order?(seen, frames.offsets, tape) ?? seen, offsets: frames.offsets)
  }
}

/// Lets the frames of a video see each other, and when each was.
package struct FrameOrder {
  private let positions: Parameter
  private let blocks: [TransformerBlock]

  /// Nil where frames do not see each other.
  /// - Parameters:
  ///   - builder: of the whole model.
  ///   - width: W of a frame's state.
  package init?(_ builder: ParameterBuilder, _ configuration: FrameConfiguration, width: Int) {
    guard configuration.pooling == .positions else { return nil }
    let builder = builder[FrameConfiguration.prefix]
    positions = builder.parameter(
      "position_embedding.weight", [configuration.limit, width],
      .normal(standardDeviation: 1 / Float(width).squareRoot()))
    let transformer = configuration.transformer(width: width)
    blocks = (0..<transformer.layers).map {
      TransformerBlock(builder["layers.\($0)"], transformer)
    }
  }

  /// frames [ΣF, W] → [ΣF, W]
  package func callAsFunction(_ frames: Tensor, _ offsets: [Int], _ tape: Tape) -> Tensor {
    let places = zip(offsets, offsets.dropFirst()).flatMap { 0..<$1 - $0 }
    let segments = AttentionSegments(offsets: offsets, tokens: .image)
    let placed = tape.add(frames, tape.gatherRows(positions.tensor, places))
    return tape.add(frames, blocks.reduce(placed) { $1($0, segments, tape) })
  }
}
