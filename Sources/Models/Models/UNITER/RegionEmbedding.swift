internal import Layers
internal import TensorEngine

/// What a UNITER begins with for an image: norm(norm(W f + b) + norm(W' box + b') + token type) of each region, dropped in part
/// (Chen et al., 2020, §3.1). Regions have no order, and so no positions.
struct RegionEmbedding: ImageEncoder {
  let reader: RegionReader
  let features: Linear
  let featureNorm: LayerNorm
  let boxes: Linear
  let boxNorm: LayerNorm
  /// Row 1 stands in the place of hidden features; row 0 is never read [2, F].
  let mask: Parameter
  let norm: LayerNorm
  /// BERT's own table, whose second row is of images.
  let types: Parameter
  private let dropout: Dropout

  init(_ configuration: UNITERConfiguration, types: Parameter, _ builder: ParameterBuilder) {
    let (text, width) = (configuration.text, configuration.regions.width)
    self.types = types
    reader = configuration.regions.make(builder[UNITERConfiguration.towerPrefix])
    let own = builder["uniter.img_embeddings"]
    let norm = { (name: String) in
      LayerNorm(own, name, width: text.width, epsilon: text.epsilon, keepsFloat32: true)
    }
    let layer = { (name: String, inputs: Int) in
      Linear(
        own, name, inputs: inputs, outputs: text.width, keepsFloat32: true,
        standardDeviation: BERTConfiguration.deviation)
    }
    (features, featureNorm) = (layer("img_linear", width), norm("img_layer_norm"))
    (boxes, boxNorm) = (layer("pos_linear", BoxNumbers.withSides.rawValue), norm("pos_layer_norm"))
    mask = own.parameter(
      "mask_embedding.weight", [2, width], .normal(standardDeviation: BERTConfiguration.deviation))
    self.norm = norm("LayerNorm")
    dropout = Dropout(own, "dropout", rate: text.dropout.states)
  }

  var dropsStates: Bool { dropout.rate > 0 }
  var width: Int { features.weight.shape[0] }
  func boxes(of images: ImageInput) -> [[Box]]? { reader.boxes(of: images) }

  /// → embedded tokens, not joined with anything [ΣR, W]
  func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
    let read = reader(images, tape)
    let seen =
      images.hidden.isEmpty
      ? read.features
      : tape.replacing(read.rows(of: images.hidden), of: read.features, by: tape.gatherRows(mask.tensor, [1]))
    let places = boxNorm(boxes(read.boxNumbers(.withSides, tape.engine), tape), tape)
    let sum = tape.add(featureNorm(features(seen, tape), tape), places)
    let type = tape.gatherRows(types.tensor, [Int](repeating: 1, count: read.boxes.count))
    let embedded = dropout(norm(type, adding: sum, tape).normalized, offsets: read.offsets, tape)
    return Encoding(states: embedded, offsets: read.offsets, pooledAt: Array(read.offsets.dropLast()))
  }
}
