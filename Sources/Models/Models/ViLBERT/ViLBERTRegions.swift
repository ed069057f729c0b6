internal import Layers
internal import TensorEngine

/// The image's stream before it meets the text: the norm of W f + W b of each region, dropped in part, and the layers in front of the first
/// connection. In front of the regions stands the mean of what is seen of them, with the whole image as its box, unless the
/// regions come from an encoder whose class token stands there.
struct ViLBERTRegions: ImageEncoder {
  let reader: RegionReader
  let features: Linear
  let places: Linear
  let norm: LayerNorm
  private let dropout: Dropout
  let streams: CoAttentionJoin

  init(_ configuration: ViLBERTConfiguration, streams: CoAttentionJoin, _ builder: ParameterBuilder) {
    self.streams = streams
    reader = configuration.regions.make(builder[ViLBERTConfiguration.towerPrefix])
    let (embeddings, width) = (builder["bert.v_embeddings"], configuration.vision.width)
    features = Linear(
      embeddings, "image_embeddings", inputs: configuration.regions.width, outputs: width, keepsFloat32: true,
      standardDeviation: BERTConfiguration.deviation)
    places = Linear(
      embeddings, "image_location_embeddings", inputs: BoxNumbers.withArea.rawValue, outputs: width,
      keepsFloat32: true, standardDeviation: BERTConfiguration.deviation)
    norm = LayerNorm(
      embeddings, "LayerNorm", width: width, epsilon: configuration.words.epsilon, keepsFloat32: true)
    dropout = Dropout(embeddings, "dropout", rate: configuration.words.dropout.states)
  }

  var width: Int { features.weight.shape[0] }
  func boxes(of images: ImageInput) -> [[Box]]? {
    let standsForWhole = reader.tower?.grid.hasClassToken ?? images.regions.startsWithWhole
    return reader.boxes(of: images).map { standsForWhole ? $0 : [.whole] + $0 }
  }

  /// → states [ΣR + B, W], the whole image's first, or these alone.
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let (embedded, offsets) = embed(images, tape)
    let states = streams.alone(image: embedded, offsets: offsets, tape)
    let wholes = Array(offsets.dropLast())
    return switch tokens {
    case .all: Encoding(states: states, offsets: offsets, pooledAt: wholes)
    case .pooled: Encoding(pooled: tape.gatherRows(states, wholes))
    }
  }

  var dropsStates: Bool { dropout.rate > 0 }

  /// What the first layer reads.
  func embed(_ images: ImageInput, _ tape: Tape) -> (states: Tensor, offsets: [Int]) {
    let regions = reader(images, tape).seen(hiding: images.hidden, tape)
    let boxes = regions.boxNumbers(.withArea, tape.engine)
    let embedded = norm(places(boxes, tape), adding: features(regions.features, tape), tape).normalized
    return (dropout(embedded, offsets: regions.offsets, tape), regions.offsets)
  }
}

extension PackedRegions {
  /// The regions as a model sees them of which some are hidden: zeros in their places, and in front of each image's the mean of
  /// the others, unless something stands for the whole image already.
  fileprivate func seen(hiding places: [[Int]], _ tape: Tape) -> PackedRegions {
    let hidden = rows(of: places)
    let zeroed = tape.replacing(hidden, of: features, by: tape.engine.zeros([1, features.columns]))
    guard !startsWithWhole else {
      return PackedRegions(features: zeroed, boxes: boxes, offsets: offsets, startsWithWhole: true)
    }
    let images = 0..<count
    let means = means(of: zeroed, without: Set(hidden), tape)
    let order = images.flatMap { [$0] + (offsets[$0]..<offsets[$0 + 1]).map { count + $0 } }
    return PackedRegions(
      features: tape.gatherRows(tape.concatenateRows([means, zeroed]), order),
      boxes: images.flatMap { [.whole] + boxes[offsets[$0]..<offsets[$0 + 1]] },
      offsets: offsets.enumerated().map { $1 + $0 }, startsWithWhole: true)
  }

  /// Of each image the mean of the rows that are seen [B, F]; zeros where none is.
  private func means(of features: Tensor, without hidden: Set<Int>, _ tape: Tape) -> Tensor {
    let seen = (0..<count).map { image in
      let rows = offsets[image]..<offsets[image + 1]
      let left = rows.filter { !hidden.contains($0) }
      return left.isEmpty ? Array(rows) : left
    }
    return tape.meanPool(
      tape.gatherRows(features, seen.flatMap { $0 }),
      offsets: seen.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }
}
