internal import Layers
internal import Models
internal import Settings
internal import TensorEngine

/// The smallest model that reads regions: a photo is the mean of what matrices make of its regions and of their boxes, a text
/// the mean of its words. Nothing outside of this file knows it.
struct ToyRegionConfiguration: FeatureDescription {
  static let modelType = "toy-regions"
  static let title = "a toy that reads regions"
  static let unusedKeys: [String] = []

  var regions: RegionShape
  var text: TextShape
  var embeddingWidth = 8
  var initialLogitScale: Float = 2.6593
  var initialLogitBias: Float?

  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case width
    case limit
  }

  init(_ regions: RegionShape, text: TextShape) { (self.regions, self.text) = (regions, text) }

  init(_ file: Settings) throws(SettingsError) {
    regions = RegionShape(
      width: try file.required(file.whole("width"), "width"), limit: try file.required(file.whole("limit"), "limit"))
    text = TextShape(vocabularySize: 3, contextLength: 3, endToken: nil)
  }

  init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    throw ModelRequestError(key: "model.name", problem: "no configuration asks for it")
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.modelType, forKey: .modelType)
    try container.encode(regions.width, forKey: .width)
    try container.encode(regions.limit, forKey: .limit)
  }

  static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? { nil }

  var inputs: InputShapes { InputShapes(images: .regions(regions), text: text) }
  var flaw: String? { nil }
  var towers: [Modality: TowerLayers] { [:] }
  var blocks: [BlockGroup] { [] }
  var usage: String { "It is a toy." }

  func operations(_ shapes: BatchShapes) -> Double { 0 }
  func with(_ part: ModelPart) -> ToyRegionConfiguration? { part == .features ? self : nil }
  func make(_ builder: ParameterBuilder) -> any Model { ToyRegionModel(self, builder) }
}

final class ToyRegionModel: FeatureModel {
  let configuration: ToyRegionConfiguration
  private let regions: Regions
  private let words: Words
  let logitScale: Parameter
  let logitBias: Parameter? = nil

  init(_ configuration: ToyRegionConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    logitScale = builder.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    regions = Regions(
      features: Linear(
        builder, "features", inputs: configuration.regions.width, outputs: configuration.embeddingWidth,
        keepsFloat32: true, standardDeviation: 0.3),
      edges: Linear(
        builder, "edges", inputs: 4, outputs: configuration.embeddingWidth, hasBias: false, keepsFloat32: true,
        standardDeviation: 0.3))
    words = Words(
      tokenEmbedding: builder.parameter(
        "words.weight", [configuration.text.vocabularySize, configuration.embeddingWidth],
        .normal(standardDeviation: 0.1)))
  }

  var description: any ModelDescription { configuration }
  var imageEncoder: any ImageEncoder { regions }
  var textEncoder: any TextEncoder { words }

  func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor { tape.normalize(images.pooled(tape)) }
  func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor { tape.normalize(texts.pooled(tape)) }

  private struct Regions: ImageEncoder {
    let features: Linear
    let edges: Linear
    var width: Int { features.weight.shape[0] }

    func callAsFunction(_ images: ImageInput, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
      let regions = images.regions
      let boxes = tape.engine.tensor(
        regions.boxes.flatMap { [$0.left, $0.top, $0.right, $0.bottom] }, shape: [regions.boxes.count, 4])
      return Encoding(
        pooledOverAll: tape.add(features(regions.features, tape), edges(boxes, tape)), offsets: regions.offsets)
    }
  }

  private struct Words: TextEncoder {
    let tokenEmbedding: Parameter

    func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
      let rows = tape.gatherRows(tokenEmbedding.tensor, texts.ids.map { Int($0) })
      return Encoding(pooledOverAll: rows, offsets: texts.offsets)
    }
  }
}
