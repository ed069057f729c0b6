public import Layers

extension MobileCLIPConfiguration: FeatureDescription, FoldableDescription, ExportableDescription {
  public static let modelType = "mobileclip"
  public static let title = "MobileCLIP-S1 and -S2"
  public static let unusedKeys = ["model.fusion", "model.regions"] + towerKeys

  /// A run begins from weights of its own sizes.
  public init(_ request: ModelRequest, from found: (any ModelDescription)?) throws(ModelRequestError) {
    guard let found else {
      throw ModelRequestError(
        key: "model.name", problem: "\(Self.modelType) begins from weights; set initialize.weights to a directory of it"
      )
    }
    guard let own = found as? MobileCLIPConfiguration, !Self.sizeKeys.contains(where: request.isStated) else {
      throw .sizesOfWeights(found, request)
    }
    self = own
  }

  private static let sizeKeys = ["model.preset", "model.vision", "model.text", "model.embedding_width", "model.fusion"]

  public static func guess(_ tensors: [(name: String, shape: [Int])]) -> String? {
    let marks = ["visual.trunk.", "image_encoder.model."]
    return tensors.contains { tensor in marks.contains { tensor.name.contains($0) } } ? modelType : nil
  }

  public var inputs: InputShapes {
    InputShapes(
      imageSize: vision.imageSize,
      text: TextShape(
        vocabularySize: text.vocabularySize, contextLength: text.contextLength, endToken: text.endToken))
  }

  public var towers: [Modality: TowerLayers] {
    [
      .image: vision.layersOfModel,
      .text: TowerLayers(
        embeddings: ["text.token_embedding.", "text.positional_embedding"],
        blocks: (0..<text.layers).map { ["text.transformer.resblocks.\($0)."] },
        finalNorm: ["text.ln_final."], projection: ["text.text_projection"]),
    ]
  }

  /// The image tower has none.
  public var blocks: [BlockGroup] { [text.block] }

  public var hasBatchNorm: Bool { folding == .unfolded }

  public func with(_ part: ModelPart) -> MobileCLIPConfiguration? {
    switch part {
    case .features: self
    case .logitBias: withLogitBias
    case .matchingHead, .maskedTextHead, .regionFeatures, .regionClasses, .regionPixels, .comparableStates,
      .textDecoder, .answerDecoder, .pairwiseFeatures:
      nil
    }
  }

  public func make(_ builder: ParameterBuilder) -> any Model { MobileCLIP(self, builder) }

  public func folded(_ folding: Folding) -> MobileCLIPConfiguration {
    var made = self
    made.folding = folding
    return made
  }

  public static func foldedBlock(_ key: String) -> Substring? {
    key.firstRange(of: ".reparam_conv.").map { key[..<$0.lowerBound] }
  }

  public var huggingFaceForm: (any ModelDescription)? { nil }
  public var openCLIPForm: (any OpenCLIPDescription)? { self }

  public var usage: String {
    "Its weights have the keys of open_clip's MobileCLIP (docs/models/mobileclip.md)."
  }
}

extension MobileCLIPConfiguration.Vision {
  /// timm's groups of a FastViT: what leads to a stage goes with its first block.
  var layers: TowerLayers {
    let blocks = depths.enumerated().flatMap { stage, depth in
      (0..<depth).map { block in
        let own = ["stages.\(stage).blocks.\(block)."]
        let before = ["downsample", "pos_emb"].map { "stages.\(stage).\($0)." }
        return block == 0 ? before + own : own
      }
    }
    return TowerLayers(embeddings: ["stem."], blocks: blocks, finalNorm: ["final_conv."], projection: [])
  }

  /// In timm's the last convolution goes with the head.
  fileprivate var layersOfModel: TowerLayers {
    let own = layers.within("visual.trunk.")
    return TowerLayers(
      embeddings: own.embeddings, blocks: own.blocks, finalNorm: [],
      projection: own.finalNorm + ["visual.trunk.head."])
  }
}
