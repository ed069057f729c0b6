public import Images
public import Layers

extension ViTConfiguration: PoolerTowerDescription {
  public static let modelType = "vit"
  public static let title = "ViT"
  public static let names = [modelType]
  public static let poolerParameter = "pooler.dense.weight"

  public static let publishedKeys = [
    PublishedKeys(
      "ViT of Hugging Face", prefixes: ["", "vit.", "vision_model."],
      mark: "embeddings.patch_embeddings.projection.weight",
      unusedPrefixes: [
        "embeddings.mask_token", "pooler.", "classifier.", "decoder.", "text_model.", "visual_projection.",
        "text_projection.", "logit_scale",
      ])
  ]

  /// The shapes of a file do not say how many heads a layer has.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    let settings = request.settings.vision
    (imageSize, patchSize) = (settings.imageSize, settings.patchSize)
    (width, intermediate) = (settings.width, 4 * settings.width)
    (layerCount, heads) = (settings.layers, settings.heads)
  }

  public var flaw: String? {
    patchFlaw(imageSize: imageSize, patchSize: patchSize, channels: channels) ?? transformer.flaw
  }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["embeddings."], blocks: (0..<layerCount).map { ["encoder.layer.\($0)."] },
      finalNorm: ["layernorm."] + (hasPooler ? ["pooler."] : []), projection: [])
  }

  private var block: BlockGroup {
    BlockGroup(
      "image", .image, layers: layerCount, heads: heads, width: width, intermediate: intermediate, tokens: tokens)
  }

  public var blocks: [BlockGroup] { [block] }
  public var grid: TokenGrid { TokenGrid(side: imageSize / patchSize, hasClassToken: true) }

  /// As `ViTImageProcessor` has it where a file says nothing: squashed, and levels from -1 to 1.
  public var usualPreprocessing: Preprocessing {
    Preprocessing(
      imageSize: imageSize, filter: .bilinear, fit: .squash, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5])
  }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.patchTower(block, images: lengths.count, patchSize: patchSize)
    if hasPooler { count.product(lengths.count, width, width) }
    return count.total
  }

  public var dualEncoderObstacle: String? {
    hasPooler ? nil : "its image tower has no pooler, and transformers takes what the pooler makes of an image"
  }

  public var ofClips: (any ClipTowerDescription)? { ASTConfiguration(self) }

  public func makePictureEncoder(_ builder: ParameterBuilder) -> any PictureEncoder { ViTTower(self, builder) }
}
