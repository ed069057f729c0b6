internal import Layers
internal import TensorEngine

/// A transformer a modality; from one layer on each of them sees, beside its own tokens, a few that all modalities share, and nothing
/// else of the others (Nagrani et al., "Attention Bottlenecks for Multimodal Fusion", 2021, §3.2). What a layer's transformers make of the
/// shared tokens is averaged over the modalities, eq. 9. Pre-norm.
///
/// The layers in front of that one are computed once for each text and each image, however many pairs these are in.
struct BottleneckFusion: TokenJoin {
  private let texts: TransformerEncoder
  private let images: TransformerEncoder
  /// [B, W]
  let bottlenecks: Parameter
  /// The first layer that sees them.
  let firstLayer: Int

  init(_ configuration: TransformerConfiguration, bottlenecks: Int, firstLayer: Int, _ builder: ParameterBuilder) {
    let stream = { (name: String) in
      TransformerEncoder(
        builder[name], configuration,
        finalNorm: LayerNorm(builder[name], "norm", width: configuration.width, epsilon: configuration.epsilon))
    }
    (texts, images) = (stream("text"), stream("image"))
    self.firstLayer = firstLayer
    self.bottlenecks = builder.parameter(
      "bottlenecks.weight", [bottlenecks, configuration.width], .normal(standardDeviation: 0.02))
  }

  var hasLayersApart: Bool { firstLayer > 0 }

  func apart(texts: Encoding, _ tape: Tape) -> Encoding {
    let own = AttentionSegments(offsets: texts.offsets, tokens: .text)
    return texts.with(self.texts(texts.states, blocks: 0..<firstLayer, own, tape))
  }

  func apart(images: Encoding, _ tape: Tape) -> Encoding {
    let own = AttentionSegments(offsets: images.offsets, tokens: .image)
    return images.with(self.images(images.states, blocks: 0..<firstLayer, own, tape))
  }

  func meet(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    let joint = meet(
      [self.texts, self.images],
      [texts.selecting(pairs.map(\.text), tape), images.selecting(pairs.map(\.image), tape)], tape)
    return JointStates(
      images: joint[1], texts: joint[0], imageOfPair: Array(pairs.indices), textOfPair: Array(pairs.indices)
    ).withMeanVectors(tape)
  }

  /// The layers that see the bottlenecks, and the norms behind the last.
  /// - Parameter modalities: a segment a pair in each.
  private func meet(_ streams: [TransformerEncoder], _ modalities: [Encoding], _ tape: Tape) -> [Encoding] {
    let shared = bottlenecks.tensor
    let layouts = zip(modalities, [TokenStreams.text, .image]).map {
      SharedTokens(behind: $0.offsets, of: $1, count: shared.rows)
    }
    var states = zip(layouts, modalities).map { layout, own in
      let copies = (0..<own.count).flatMap { _ in 0..<shared.rows }
      return tape.gatherRows(tape.concatenateRows([own.states, tape.gatherRows(shared, copies)]), layout.order)
    }
    for layer in firstLayer..<streams[0].blocks.count {
      if layer > firstLayer {
        let mean = tape.mean(zip(layouts, states).map { tape.gatherRows($1, $0.sharedRows) })
        states = zip(layouts, states).map { layout, states in
          tape.gatherRows(tape.concatenateRows([states, mean]), layout.exchanged)
        }
      }
      states = tape.meeting {
        states.indices.map { streams[$0].blocks[layer](states[$0], layouts[$0].segments, tape) }
      }
    }
    return states.indices.map { place in
      let own = tape.gatherRows(states[place], layouts[place].ownRows)
      return modalities[place].with(streams[place].finalNorm(own, tape))
    }
  }
}

/// Where a modality's own tokens and the shared ones stand, pair after pair: a pair's own, and behind them its shared ones.
private struct SharedTokens {
  let segments: AttentionSegments
  /// Rows of the own tokens of all pairs followed by the shared ones of all pairs, in the order in which they stand here.
  let order: [Int]
  /// Where they stand.
  let ownRows: [Int]
  let sharedRows: [Int]
  /// Rows of all tokens here followed by other shared ones, that put these in the place of those that are here.
  let exchanged: [Int]

  init(behind offsets: [Int], of tokens: TokenStreams, count: Int) {
    let (pairs, total) = (0..<offsets.count - 1, offsets[offsets.count - 1])
    let starts = offsets.enumerated().map { $1 + $0 * count }
    segments = AttentionSegments(
      offsets: starts,
      tokens: tokens.followed(by: TokenStream("shared"), from: starts.dropFirst().map { $0 - count }))
    order = pairs.flatMap { pair in
      Array(offsets[pair]..<offsets[pair + 1]) + (0..<count).map { total + pair * count + $0 }
    }
    ownRows = pairs.flatMap { starts[$0]..<starts[$0 + 1] - count }
    sharedRows = pairs.flatMap { starts[$0 + 1] - count..<starts[$0 + 1] }
    var exchanged = Array(order.indices)
    for (place, row) in sharedRows.enumerated() { exchanged[row] = order.count + place }
    self.exchanged = exchanged
  }
}
