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

  public init(embeddings: [String], blocks: [[String]], finalNorm: [String], projection: [String]) {
    (self.embeddings, self.blocks, self.finalNorm, self.projection) = (embeddings, blocks, finalNorm, projection)
  }

  /// The groups that are locked one by one, as in open_clip's `lock_image_tower` and `lock_text_tower`: embeddings, each
  /// block, the last of them with the norm behind it, projection.
  public var groups: [[String]] {
    [embeddings] + blocks.dropLast() + [(blocks.last ?? []) + finalNorm, projection]
  }

  /// The same of a model that holds the tower below `prefix`, and projects what it makes or does not.
  func within(_ prefix: String, projection: String? = nil) -> TowerLayers {
    TowerLayers(
      embeddings: embeddings.map { prefix + $0 }, blocks: blocks.map { $0.map { prefix + $0 } },
      finalNorm: finalNorm.map { prefix + $0 }, projection: projection.map { [$0] } ?? [])
  }

  /// The same with what follows its last norm, which is locked with the last block.
  func followed(by prefixes: [String]) -> TowerLayers {
    TowerLayers(embeddings: embeddings, blocks: blocks, finalNorm: finalNorm + prefixes, projection: projection)
  }

  /// Whether a parameter is of the tower itself, and not of the projection behind it.
  public func holds(_ name: String) -> Bool {
    (embeddings + blocks.joined() + finalNorm).contains(where: name.hasPrefix)
  }

  /// Where a parameter stands, counted from the input: 0 for embeddings, i + 1 for block i; nil for what comes after the
  /// blocks and for what is not of this tower.
  public func depth(of name: String) -> Int? {
    ([embeddings] + blocks).firstIndex { $0.contains(where: name.hasPrefix) }
  }
}
