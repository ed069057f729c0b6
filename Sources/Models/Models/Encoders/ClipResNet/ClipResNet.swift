internal import Layers
internal import TensorEngine

/// A residual network (He et al., 2016) over spectrograms: what stands for a clip is the mean over the places of the last map that lie
/// in it, and the states of all tokens are these, the lowest bands first. A shorter clip than the longest is followed by zeros, which
/// are the mean, up to that length whoever stands beside it: so its result is its own.
struct ClipResNet: ImageEncoder {
  private let description: ClipResNetDescription
  private let network: ResNet

  init(_ description: ClipResNetDescription, _ builder: ParameterBuilder) {
    self.init(description, ResNet(description.sizes, builder))
  }

  private init(_ description: ClipResNetDescription, _ network: ResNet) {
    (self.description, self.network) = (description, network)
  }

  var width: Int { description.width }

  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let clips = images.clips
    let map = tape.inGroups(of: network.group, pixels(of: clips, tape.engine)) { network.map(of: $0, tape) }
    let (rows, offsets) = places(of: clips)
    let states = tape.gatherRows(map, rows)
    switch tokens {
    case .all: return Encoding(pooledOverAll: states, offsets: offsets)
    case .pooled: return Encoding(pooled: tape.meanPool(states, offsets: offsets))
    }
  }

  /// [B, 1, M, N], N being that of the longest clip that there may be.
  private func pixels(of clips: PackedClips, _ engine: Engine) -> Tensor {
    let (bands, frames, lengths) = (description.bands, description.frames, clips.frames)
    let pixels = engine.zeros([clips.count, 1, bands, frames])
    clips.rows.withValues { rows in
      pixels.withMutableValues { target in
        for clip in 0..<clips.count {
          for frame in 0..<min(lengths[clip], frames) {
            let source = (clips.offsets[clip] + frame) * bands
            for band in 0..<bands { target[(clip * bands + band) * frames + frame] = rows[source + band] }
          }
        }
      }
    }
    return pixels
  }

  /// The rows of the last maps that lie in clips, and where each clip's begin.
  private func places(of clips: PackedClips) -> (rows: [Int], offsets: [Int]) {
    let whole = description.grid(frames: description.frames)
    var (rows, offsets) = ([Int](), [0])
    for (clip, frames) in clips.frames.enumerated() {
      let start = clip * whole.rows * whole.columns
      for row in 0..<whole.rows {
        rows += (0..<description.grid(frames: frames).columns).map { start + row * whole.columns + $0 }
      }
      offsets.append(rows.count)
    }
    return (rows, offsets)
  }
}

extension ClipResNet: FoldableEncoder {
  func folded(_ builder: ParameterBuilder) -> (encoder: any FoldableEncoder, fill: () -> Void) {
    let folded = network.foldedNetwork(builder)
    return (ClipResNet(description, folded.network), folded.fill)
  }
}
