internal import Layers
internal import TensorEngine

/// Layers in which text queries image and image queries text. The streams stay apart as in METER and ViLBERT: a formula that
/// adds softmax(Q_t K_iᵀ/√d) V_i + softmax(Q_i K_tᵀ/√d) V_t token by token needs streams of equal length. Two other modalities may
/// stand in the places of both.
struct CrossAttentionJoin {
  let configuration: FusionConfiguration
  let textProjection: Linear
  let imageProjection: Linear
  let textLayers: [FusionStreamLayer]
  let imageLayers: [FusionStreamLayer]
  let textNorm: LayerNorm
  let imageNorm: LayerNorm
  private let tokens: (text: TokenStreams, image: TokenStreams)

  /// - Parameters:
  ///   - textWidth: of the text tower's states, and likewise `imageWidth`.
  ///   - streams: what stands in the place of each, by which parameters are called.
  init(
    _ configuration: FusionConfiguration, textWidth: Int, imageWidth: Int,
    streams: (text: Modality, image: Modality) = (.text, .image), _ builder: ParameterBuilder
  ) {
    self.configuration = configuration
    let (text, image) = (streams.text.rawValue, streams.image.rawValue)
    tokens = (TokenStreams(streams.text.stream), TokenStreams(streams.image.stream))
    let width = configuration.width
    textProjection = Linear(
      builder, "\(text)_projection", inputs: textWidth, outputs: width, keepsFloat32: true,
      standardDeviation: 1 / Float(textWidth).squareRoot())
    imageProjection = Linear(
      builder, "\(image)_projection", inputs: imageWidth, outputs: width, keepsFloat32: true,
      standardDeviation: 1 / Float(imageWidth).squareRoot())
    var textLayers: [FusionStreamLayer] = []
    var imageLayers: [FusionStreamLayer] = []
    for layer in 0..<configuration.layers {
      let names = builder["layers.\(layer)"]
      if configuration.textHasLayers { textLayers.append(FusionStreamLayer(names[text], configuration)) }
      if configuration.imageHasLayers { imageLayers.append(FusionStreamLayer(names[image], configuration)) }
    }
    (self.textLayers, self.imageLayers) = (textLayers, imageLayers)
    textNorm = LayerNorm(builder, "\(text)_norm", width: width, epsilon: configuration.epsilon)
    imageNorm = LayerNorm(builder, "\(image)_norm", width: width, epsilon: configuration.epsilon)
  }

  /// The streams behind the last layer, not normalized.
  func callAsFunction(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> JointStates {
    var text = stream(
      texts, tokens.text, textProjection, pairs.map(\.text), isWritten: configuration.textHasLayers, tape)
    var image = stream(
      images, tokens.image, imageProjection, pairs.map(\.image), isWritten: configuration.imageHasLayers, tape)
    for layer in 0..<configuration.layers {
      let before = (text: text, image: image)
      tape.meeting {
        if configuration.textHasLayers {
          text.states = run(textLayers[layer], before.text, context: before.image, tape)
        }
        if configuration.imageHasLayers {
          image.states = run(imageLayers[layer], before.image, context: before.text, tape)
        }
      }
    }
    return JointStates(
      images: image.encoding, texts: text.encoding, imageOfPair: image.segmentOfPair, textOfPair: text.segmentOfPair)
  }

  /// The normalized states of the pooled tokens of both streams, side by side [pairs, 2W].
  func pooled(_ joint: JointStates, _ tape: Tape) -> Tensor {
    tape.concatenateColumns(textNorm(joint.pooledTexts(tape), tape), imageNorm(joint.pooledImages(tape), tape))
  }

  /// Projects the tower's states once, then lays out a segment a pair where the stream changes from pair to pair; a stream
  /// without layers keeps a segment an input, read by all its pairs.
  private func stream(
    _ encoding: Encoding, _ tokens: TokenStreams, _ projection: Linear, _ segments: [Int], isWritten: Bool,
    _ tape: Tape
  ) -> Stream {
    let projected = projection(encoding.states, tape)
    guard isWritten else {
      return Stream(
        states: projected, tokens: tokens, offsets: encoding.offsets, pooledRows: encoding.pooledRows,
        segmentOfPair: segments)
    }
    let rows = segments.flatMap { encoding.offsets[$0]..<encoding.offsets[$0 + 1] }
    let offsets = segments.reduce(into: [0]) {
      $0.append($0[$0.count - 1] + encoding.offsets[$1 + 1] - encoding.offsets[$1])
    }
    return Stream(
      states: tape.gatherRows(projected, rows), tokens: tokens, offsets: offsets,
      pooledRows: zip(offsets, segments).map { encoding.pooledRows[$1].shifted(by: $0 - encoding.offsets[$1]) },
      segmentOfPair: Array(segments.indices))
  }

  private func run(_ layer: FusionStreamLayer, _ own: Stream, context: Stream, _ tape: Tape) -> Tensor {
    // Own segments are a pair each, as this stream has layers.
    let segments = AttentionSegments(
      queryOffsets: own.offsets, keyOffsets: context.offsets, keySegments: context.segmentOfPair,
      queryTokens: own.tokens, keyTokens: context.tokens)
    return tape.block([own.states, context.states]) { inputs, tape in
      [layer(inputs[0], own.offsets, context: inputs[1], segments, tape)]
    }[0]
  }
}

/// A modality's token states as they go from layer to layer.
private struct Stream {
  var states: Tensor
  let tokens: TokenStreams
  let offsets: [Int]
  let pooledRows: [Range<Int>]
  let segmentOfPair: [Int]

  var encoding: Encoding { Encoding(states: states, offsets: offsets, pooledRows: pooledRows) }
}
