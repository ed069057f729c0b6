public import Images
public import Layers
public import Settings
internal import TensorEngine

/// The sizes of patches that no network looks at before they meet a text. Nobody publishes them alone; a model that begins with
/// them draws them, or finds them among its own weights.
public struct PatchDescription: Equatable, Sendable {
  public var imageSize: Int
  public var patchSize: Int
  public var width: Int

  public init(imageSize: Int, patchSize: Int, width: Int) {
    (self.imageSize, self.patchSize, self.width) = (imageSize, patchSize, width)
  }
}

extension PatchDescription: ResizableTowerDescription {
  public static let modelType = "patches"
  public static let title = "patches alone"
  public static let names = [modelType]
  public static let publishedKeys = [
    PublishedKeys("mmtrain's", prefixes: ["", "vision_model."], mark: "patch_embeddings.projection.weight")
  ]

  /// Nobody publishes files of them alone.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    let settings = request.settings.vision
    self.init(imageSize: settings.imageSize, patchSize: settings.patchSize, width: settings.width)
  }

  public var grid: TokenGrid { TokenGrid(side: imageSize / patchSize, hasClassToken: false) }

  public var flaw: String? {
    patchFlaw(imageSize: imageSize, patchSize: patchSize, channels: 3) ?? outside(width, 1...65_536, "a width")
  }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["patch_embeddings.", "position_embeddings."], blocks: [], finalNorm: [], projection: [])
  }

  public var blocks: [BlockGroup] { [] }
  public var statesAreFeatures: Bool { false }

  /// Squashed to a square, so that all of a picture is seen; levels from -1 to 1.
  public var usualPreprocessing: Preprocessing {
    Preprocessing(
      imageSize: imageSize, filter: .bicubic, fit: .squash, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
  }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.product(lengths.count * tokens, 3 * patchSize * patchSize, width, times: 2)
    return count.total
  }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder { PatchTokens(self, builder) }
}

// MARK: Names in config.json

extension PatchDescription: Encodable {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case modelType = "model_type"
    case imageSize = "image_size"
    case patchSize = "patch_size"
    case width = "hidden_size"
  }

  public init(_ file: Settings) throws(SettingsError) {
    try file.require(KnownKeys(read: CodingKeys.allCases.map(\.rawValue)))
    self.init(
      imageSize: try file.requiredWhole(CodingKeys.imageSize), patchSize: try file.requiredWhole(CodingKeys.patchSize),
      width: try file.requiredWhole(CodingKeys.width))
  }

  public func encode(to encoder: any Encoder) throws {
    var keys = encoder.container(keyedBy: CodingKeys.self)
    try keys.encode(Self.modelType, forKey: .modelType)
    try keys.encode(imageSize, forKey: .imageSize)
    try keys.encode(patchSize, forKey: .patchSize)
    try keys.encode(width, forKey: .width)
  }
}
