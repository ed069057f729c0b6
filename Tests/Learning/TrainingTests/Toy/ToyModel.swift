internal import Layers
internal import Models
internal import Settings
internal import TensorEngine

/// The smallest model that there can be: a photo is its pixels, a text the sum of its words, and a matrix takes each into the
/// shared space. It conforms to what every model conforms to, and nothing outside of this file knows it.
struct ToyConfiguration: FeatureDescription {
  static let modelType = "toy"
  static let title = "a toy"
  static let unusedKeys = ["model.fusion"]

  var imageSize: Int
  var text: TextShape
  var embeddingWidth: Int
  var initialLogitScale: Float = 2.6593
  var initialLogitBias: Float?

  private enum CodingKeys: String, CodingKey {
    case modelType = "model_type"
    case imageSize = "image_size"
    case vocabularySize = "vocab_size"
    case contextLength = "context_length"
    case embeddingWidth = "projection_dim"
  }

  init(imageSize: Int, text: TextShape, embeddingWidth: Int) {
    (self.imageSize, self.text, self.embeddingWidth) = (imageSize, text, embeddingWidth)
  }

  init(_ file: Settings) throws(SettingsError) {
    func whole(_ key: CodingKeys) throws(SettingsError) -> Int {
      try file.required(file.whole(key.rawValue), key.rawValue)
    }
    imageSize = try whole(.imageSize)
    text = TextShape(
      vocabularySize: try whole(.vocabularySize), contextLength: try whole(.contextLength),
      endToken: nil)
    embeddingWidth = try whole(.embeddingWidth)
  }

  init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    imageSize = request.settings.vision.imageSize
    text = TextShape(
      vocabularySize: request.vocabularySize, contextLength: request.settings.text.contextLength,
      endToken: nil)
    embeddingWidth = request.settings.embeddingWidth
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.modelType, forKey: .modelType)
    try container.encode(imageSize, forKey: .imageSize)
    try container.encode(text.vocabularySize, forKey: .vocabularySize)
    try container.encode(text.contextLength, forKey: .contextLength)
    try container.encode(embeddingWidth, forKey: .embeddingWidth)
  }

  static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? { nil }

  var inputs: InputShapes { InputShapes(imageSize: imageSize, text: text) }
  var flaw: String? { nil }
  var towers: [Modality: TowerLayers] { [:] }
  var blocks: [BlockGroup] { [] }
  var usage: String { "It is a toy." }

  func operations(_ shapes: BatchShapes) -> Double { 0 }
  func with(_ part: ModelPart) -> ToyConfiguration? { part == .features ? self : nil }
  func make(_ builder: ParameterBuilder) -> any Model { ToyModel(self, builder) }
}

final class ToyModel: FeatureModel {
  let configuration: ToyConfiguration
  private let pixels: Linear
  private let words: Parameter
  let logitScale: Parameter
  let logitBias: Parameter? = nil

  init(_ configuration: ToyConfiguration, _ builder: ParameterBuilder) {
    self.configuration = configuration
    let inputs = 3 * configuration.imageSize * configuration.imageSize
    logitScale = builder.parameter("logit_scale", [], .constant(configuration.initialLogitScale))
    pixels = Linear(
      builder, "pixels", inputs: inputs, outputs: configuration.embeddingWidth, hasBias: false, keepsFloat32: true,
      standardDeviation: 1 / Float(inputs).squareRoot())
    words = builder.parameter(
      "words.weight", [configuration.text.vocabularySize, configuration.embeddingWidth],
      .normal(standardDeviation: 0.1))
  }

  var description: any ModelDescription { configuration }
  var imageEncoder: any ImageEncoder { Photos(pixels: pixels) }
  var textEncoder: any TextEncoder { Texts(tokenEmbedding: words) }

  func imageFeatures(_ images: Encoding, _ tape: Tape) -> Tensor { tape.normalize(images.pooled(tape)) }
  func textFeatures(_ texts: Encoding, _ tape: Tape) -> Tensor { tape.normalize(texts.pooled(tape)) }

  /// [B, 3, S, S] → one state a photo.
  private struct Photos: PictureEncoder {
    let pixels: Linear
    var width: Int { pixels.weight.shape[0] }

    func callAsFunction(_ images: Tensor, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
      let flat = tape.engine.tensor(images.values(), shape: [images.shape[0], images.shape[1...].reduce(1, *)])
      return Encoding(pooled: pixels(flat, tape))
    }
  }

  /// The mean of a text's words.
  private struct Texts: TextEncoder {
    let tokenEmbedding: Parameter

    func callAsFunction(_ texts: PackedText, _ tokens: EncodedTokens, _ tape: Tape) -> Encoding {
      let rows = tape.gatherRows(tokenEmbedding.tensor, texts.ids.map { Int($0) })
      return Encoding(pooled: tape.meanPool(rows, offsets: texts.offsets))
    }
  }
}
