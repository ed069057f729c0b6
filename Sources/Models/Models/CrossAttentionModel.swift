internal import Foundation
public import Layers
public import TensorEngine

/// A pair for the matching head: which caption of a text encoding meets which image of an image encoding.
public struct ImageTextPair: Sendable, Equatable {
  public let image: Int
  public let text: Int

  public init(image: Int, text: Int) { (self.image, self.text) = (image, text) }
}

/// CLIP's two towers, then layers in which text queries image and image queries text; both streams are pooled and
/// joined, and a head says whether they belong together.
///
/// The contrastive loss acts on the towers, image–text matching on the fusion, as in ALBEF (Li et al., "Align before
/// Fuse", 2021). The streams stay apart as in METER and ViLBERT: a formula that adds
/// softmax(Q_t K_iᵀ/√d) V_i + softmax(Q_i K_tᵀ/√d) V_t token by token needs streams of equal length.
public final class CrossAttentionModel {
  /// What the keys of all parameters begin with that the towers do not have.
  public static let ownPrefixes = ["fusion.", "matching_head."]

  public let towers: CLIP
  public let configuration: FusionConfiguration
  let textProjection: Linear
  let imageProjection: Linear
  let textLayers: [FusionStreamLayer]
  let imageLayers: [FusionStreamLayer]
  let textNorm: LayerNorm
  let imageNorm: LayerNorm
  let dense: Linear
  let output: Linear

  public init(_ towers: CLIPConfiguration, _ fusion: FusionConfiguration, _ builder: ParameterBuilder) {
    self.towers = CLIP(towers, builder)
    configuration = fusion
    let scope = builder["fusion"]
    let width = fusion.width
    textProjection = Linear(
      scope, "text_projection", inputs: towers.text.width, outputs: width, keepsFloat32: true,
      standardDeviation: 1 / Float(towers.text.width).squareRoot())
    imageProjection = Linear(
      scope, "image_projection", inputs: towers.vision.width, outputs: width, keepsFloat32: true,
      standardDeviation: 1 / Float(towers.vision.width).squareRoot())
    var textLayers: [FusionStreamLayer] = []
    var imageLayers: [FusionStreamLayer] = []
    for layer in 0..<fusion.layers {
      let names = scope["layers.\(layer)"]
      if fusion.textHasLayers { textLayers.append(FusionStreamLayer(names["text"], fusion)) }
      if fusion.imageHasLayers { imageLayers.append(FusionStreamLayer(names["image"], fusion)) }
    }
    (self.textLayers, self.imageLayers) = (textLayers, imageLayers)
    textNorm = LayerNorm(scope, "text_norm", width: width, epsilon: fusion.epsilon)
    imageNorm = LayerNorm(scope, "image_norm", width: width, epsilon: fusion.epsilon)
    let head = builder["matching_head"]
    dense = Linear(
      head, "dense", inputs: 2 * width, outputs: width, activation: .geluErf,
      standardDeviation: 1 / Float(2 * width).squareRoot())
    output = Linear(head, "output", inputs: width, outputs: 2, keepsFloat32: true, standardDeviation: 0.02)
  }

  /// Logits [number of pairs, 2]; index 1 says that image and text belong together.
  public func match(images: Encoding, texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> Tensor {
    var streams = join(images, texts, pairs, tape)
    for layer in 0..<configuration.layers {
      let before = streams
      if configuration.textHasLayers {
        let segments = AttentionSegments(
          queryOffsets: before.textOffsets, keyOffsets: before.imageOffsets, keySegments: before.imageOfText)
        streams.text = run(
          textLayers[layer], before.text, before.textOffsets, context: before.image, segments, tape)
      }
      if configuration.imageHasLayers {
        let segments = AttentionSegments(
          queryOffsets: before.imageOffsets, keyOffsets: before.textOffsets, keySegments: before.textOfImage)
        streams.image = run(
          imageLayers[layer], before.image, before.imageOffsets, context: before.text, segments, tape)
      }
    }
    return head(streams, images, texts, pairs, tape)
  }

  private func run(
    _ layer: FusionStreamLayer, _ x: Tensor, _ offsets: [Int], context: Tensor, _ segments: AttentionSegments,
    _ tape: Tape
  ) -> Tensor {
    tape.block([x, context]) { inputs, tape in
      [layer(inputs[0], offsets, context: inputs[1], segments, tape)]
    }[0]
  }

  /// Projects the towers' states once each, then lays out a stream with a segment a pair where the stream changes from
  /// pair to pair; a stream without layers keeps a segment an input, read by all its pairs.
  private func join(_ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape) -> Streams {
    let text = textProjection(texts.states, tape)
    let image = imageProjection(images.states, tape)
    let (textRows, textOffsets) = rows(texts.offsets, pairs.map(\.text))
    let (imageRows, imageOffsets) = rows(images.offsets, pairs.map(\.image))
    let each = Array(pairs.indices)
    return Streams(
      text: configuration.textHasLayers ? tape.gatherRows(text, textRows) : text,
      image: configuration.imageHasLayers ? tape.gatherRows(image, imageRows) : image,
      textOffsets: configuration.textHasLayers ? textOffsets : texts.offsets,
      imageOffsets: configuration.imageHasLayers ? imageOffsets : images.offsets,
      imageOfText: configuration.imageHasLayers ? each : pairs.map(\.image),
      textOfImage: configuration.textHasLayers ? each : pairs.map(\.text))
  }

  /// The rows of the chosen segments end to end, and where each begins.
  private func rows(_ offsets: [Int], _ segments: [Int]) -> (rows: [Int], offsets: [Int]) {
    var rows: [Int] = []
    var starts = [0]
    for segment in segments {
      rows.append(contentsOf: offsets[segment]..<offsets[segment + 1])
      starts.append(rows.count)
    }
    return (rows, starts)
  }

  private func head(
    _ streams: Streams, _ images: Encoding, _ texts: Encoding, _ pairs: [ImageTextPair], _ tape: Tape
  ) -> Tensor {
    let textRows = pairs.indices.map { index in
      let text = pairs[index].text
      let start = configuration.textHasLayers ? streams.textOffsets[index] : texts.offsets[text]
      return start + texts.pooledRows[text] - texts.offsets[text]
    }
    let imageRows = pairs.indices.map { index in
      let image = pairs[index].image
      let start = configuration.imageHasLayers ? streams.imageOffsets[index] : images.offsets[image]
      return start + images.pooledRows[image] - images.offsets[image]
    }
    let text = textNorm(tape.gatherRows(streams.text, textRows), tape)
    let image = imageNorm(tape.gatherRows(streams.image, imageRows), tape)
    return output(dense(tape.concatenateColumns(text, image), tape), tape)
  }
}
