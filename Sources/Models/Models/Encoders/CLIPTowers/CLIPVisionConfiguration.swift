public import Images
public import Layers
public import Settings

/// CLIP's image tower alone: Hugging Face's `CLIPVisionModel`, also with a projection, which is left unread, and the tower
/// of a whole `CLIPModel`.
public struct CLIPVisionConfiguration: PictureTowerDescription {
  public static let modelType = "clip_vision_model"
  public static let title = "CLIP's image tower"
  public static let names = [modelType]
  public static let wholeModels = [CLIPConfiguration.modelType]
  public static let publishedKeys = [
    PublishedKeys(
      "CLIP of Hugging Face", prefixes: ["", "vision_model."], mark: "embeddings.class_embedding",
      unusedPrefixes: [
        "embeddings.position_ids", "visual_projection.", "text_model.", "text_projection.", "logit_scale",
      ])
  ]

  public var sizes: CLIPConfiguration.Vision

  public init(_ sizes: CLIPConfiguration.Vision) { self.sizes = sizes }

  /// - Parameter file: of the tower alone, or of a whole model.
  public init(_ file: Settings) throws(SettingsError) {
    guard try file.text("model_type") != CLIPConfiguration.modelType else {
      sizes = try CLIPConfiguration(file).vision
      return
    }
    try file.require(CLIPConfiguration.Vision.known)
    sizes = try CLIPConfiguration.Vision(file)
  }

  /// The shapes of a file do not say how many heads a layer has.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    sizes = CLIPConfiguration(request).vision
  }

  public func encode(to encoder: any Encoder) throws { try sizes.encode(to: encoder) }

  public var imageSize: Int { sizes.imageSize }
  public var grid: TokenGrid { TokenGrid(side: sizes.imageSize / sizes.patchSize, hasClassToken: true) }
  public var usualPreprocessing: Preprocessing { .clip(imageSize: imageSize) }
  public var width: Int { sizes.width }
  public var flaw: String? { sizes.flaw }
  public var dualEncoderObstacle: String? { nil }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["embeddings.", "pre_layrnorm."], blocks: (0..<sizes.layers).map { ["encoder.layers.\($0)."] },
      finalNorm: ["post_layernorm."], projection: [])
  }

  public var blocks: [BlockGroup] { [sizes.block] }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.patchTower(sizes.block, images: lengths.count, patchSize: sizes.patchSize)
    return count.total
  }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder { VisionTower(sizes, builder) }
}
