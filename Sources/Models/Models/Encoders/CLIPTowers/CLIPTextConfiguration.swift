public import Layers
public import Settings

/// CLIP's text tower alone: Hugging Face's `CLIPTextModel`, also with a projection, which is left unread, and the tower of a
/// whole `CLIPModel`.
public struct CLIPTextConfiguration: TextTowerDescription {
  public static let modelType = "clip_text_model"
  public static let title = "CLIP's text tower"
  public static let names = [modelType]
  public static let poolings = [TextPooling.end]
  public static let wholeModels = [CLIPConfiguration.modelType]
  public static let publishedKeys = [
    PublishedKeys(
      "CLIP of Hugging Face", prefixes: ["", "text_model."], mark: "embeddings.token_embedding.weight",
      unusedPrefixes: [
        "embeddings.position_ids", "text_projection.", "vision_model.", "visual_projection.", "logit_scale",
      ])
  ]

  public var sizes: CLIPConfiguration.Text
  public var pooling = TextPooling.end

  public init(_ sizes: CLIPConfiguration.Text) { self.sizes = sizes }

  /// - Parameter file: of the tower alone, or of a whole model.
  public init(_ file: Settings) throws(SettingsError) {
    guard try file.text("model_type") != CLIPConfiguration.modelType else {
      self.init(try CLIPConfiguration(file).text)
      return
    }
    try file.require(CLIPConfiguration.Text.known)
    self.init(try CLIPConfiguration.Text(file))
  }

  /// The shapes of a file do not say how many heads a layer has.
  public init?(shape: (_ parameter: String) -> [Int]?) { return nil }

  public init(_ name: String, _ request: ModelRequest) throws(ModelRequestError) {
    guard request.settings.text.isCausal else {
      throw ModelRequestError(
        key: "model.text.causal", problem: "\(Self.title) is causal in every library; set it to true")
    }
    self.init(CLIPConfiguration(request).text)
  }

  public func encode(to encoder: any Encoder) throws { try sizes.encode(to: encoder) }

  public var width: Int { sizes.width }
  public var flaw: String? { sizes.flaw }
  public var isCausal: Bool { sizes.isCausal }

  public var text: TextShape {
    TextShape(
      vocabularySize: sizes.vocabularySize, contextLength: sizes.contextLength, endToken: sizes.endToken)
  }

  public var layers: TowerLayers {
    TowerLayers(
      embeddings: ["embeddings."], blocks: (0..<sizes.layers).map { ["encoder.layers.\($0)."] },
      finalNorm: ["final_layer_norm."], projection: [])
  }

  public var blocks: [BlockGroup] { [sizes.block] }

  public func operations(_ lengths: [Int], _ shapes: BatchShapes) -> Double {
    var count = OperationCount(shapes)
    count.tower(sizes.block, lengths)
    return count.total
  }

  public func makeEncoder(_ builder: ParameterBuilder) -> any TextEncoder { TextTower(sizes, builder) }
}
