internal import Layers
internal import TensorEngine

/// A token of each of a network's last stages: the mean over all places of max(0, W f), with a W of each stage (Khare et al., "MMBERT",
/// 2021, §3.1), the deepest first. Then as words have it, a norm of that, a place's row and the token type of images.
struct StageTokens: ImageEncoder {
  let network: any StagedEncoder
  /// 1×1 convolutions without a bias, the deepest stage's first.
  let projections: [Linear]
  /// What is added to each of them [stages, W], in the place of a position.
  let slots: Parameter
  let words: BERTEmbeddings

  init(
    _ network: any StagedEncoder, widths: [Int], _ words: BERTConfiguration, _ embeddings: BERTEmbeddings,
    _ builder: ParameterBuilder
  ) {
    (self.network, self.words) = (network, embeddings)
    projections = widths.reversed().enumerated().map { place, width in
      Linear(
        builder, "projections.\(place)", inputs: width, outputs: words.width, hasBias: false, activation: .relu,
        standardDeviation: 1 / Float(width).squareRoot())
    }
    slots = builder.parameter(
      "slots.weight", [widths.count, words.width], .normal(standardDeviation: BERTConfiguration.deviation))
  }

  /// Images that pass together where no gradient is wanted.
  private static let group = 2

  var width: Int { slots.shape[1] }
  /// → [B · stages, W]; all of an image's tokens stand for it.
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let (pixels, count) = (images.visiblePixels(in: network.places, tape.engine), projections.count)
    let made = tape.inGroups(of: Self.group, pixels) { means(of: $0, tape) }
    let offsets = (0...pixels.shape[0]).map { $0 * count }
    let rows = (0..<pixels.shape[0]).flatMap { _ in 0..<count }
    let placed = tape.add(made, tape.gatherRows(slots.tensor, rows))
    let types = tape.gatherRows(words.types.tensor, rows.map { _ in 0 })
    let all = Encoding(
      pooledOverAll: words.normalized(types, adding: placed, offsets: offsets, tape), offsets: offsets)
    return switch tokens {
    case .all: all
    case .pooled: Encoding(pooled: all.pooled(tape))
    }
  }

  /// pixels [B, 3, S, S] → [B · stages, W], an image's tokens side by side.
  private func means(of pixels: Tensor, _ tape: Tape) -> Tensor {
    let images = pixels.shape[0]
    let maps = network.maps(of: pixels, tape).suffix(projections.count).reversed()
    let stages = zip(projections, maps).map { projection, map in
      tape.block([map]) { inputs, tape in [tape.meanOverPlaces(projection(inputs[0], tape))] }[0]
    }
    let order = (0..<images).flatMap { image in stages.indices.map { $0 * images + image } }
    return tape.gatherRows(tape.concatenateRows(stages), order)
  }
}
