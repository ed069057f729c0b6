/// A tower's parameters in the order in which data passes through them, as prefixes of parameter names: what locking a
/// tower and a learning rate that differs from layer to layer go by.
public struct TowerLayers: Sendable, Equatable {
  /// What makes tokens, and the norm before the first block.
  public let embeddings: [String]
  public let blocks: [[String]]
  /// After the last block.
  public let finalNorm: [String]
  /// Into the space that images and texts share.
  public let projection: [String]

  /// The groups that are locked one by one, as in open_clip's `lock_image_tower` and `lock_text_tower`: embeddings, each
  /// block, the last of them with the norm behind it, projection.
  public var groups: [[String]] {
    [embeddings] + blocks.dropLast() + [(blocks.last ?? []) + finalNorm, projection]
  }

  /// Where a parameter stands, counted from the input: 0 for embeddings, i + 1 for block i; nil for what comes after the
  /// blocks and for what is not of this tower.
  public func depth(of name: String) -> Int? {
    ([embeddings] + blocks).firstIndex { $0.contains(where: name.hasPrefix) }
  }
}

extension ModelDescription {
  public var visionLayers: TowerLayers {
    if case .mobileClip(let model) = self { return TowerLayers(model.vision) }
    return TowerLayers(
      embeddings: ["vision_model.embeddings.", "vision_model.pre_layrnorm."],
      blocks: (0..<(transformers?.vision.layers ?? 0)).map { ["vision_model.encoder.layers.\($0)."] },
      finalNorm: ["vision_model.post_layernorm."], projection: ["visual_projection."])
  }

  public var textLayers: TowerLayers {
    if case .mobileClip = self {
      return TowerLayers(
        embeddings: ["text.token_embedding.", "text.positional_embedding"],
        blocks: (0..<text.layers).map { ["text.transformer.resblocks.\($0)."] },
        finalNorm: ["text.ln_final."], projection: ["text.text_projection"])
    }
    return TowerLayers(
      embeddings: ["text_model.embeddings."],
      blocks: (0..<text.layers).map { ["text_model.encoder.layers.\($0)."] },
      finalNorm: ["text_model.final_layer_norm."], projection: ["text_projection."])
  }
}

extension TowerLayers {
  /// timm's groups of a FastViT: what leads to a stage goes with its first block, the last convolution with the head.
  fileprivate init(_ configuration: MobileCLIPConfiguration.Vision) {
    embeddings = ["visual.trunk.stem."]
    blocks = configuration.depths.enumerated().flatMap { stage, depth in
      (0..<depth).map { block in
        let own = ["visual.trunk.stages.\(stage).blocks.\(block)."]
        let before = ["downsample", "pos_emb"].map { "visual.trunk.stages.\(stage).\($0)." }
        return block == 0 ? before + own : own
      }
    }
    finalNorm = []
    projection = ["visual.trunk.final_conv.", "visual.trunk.head."]
  }
}
