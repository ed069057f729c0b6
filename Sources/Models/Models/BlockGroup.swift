/// Equal transformer blocks, one behind the other: what memory and products are counted by.
public struct BlockGroup: Sendable, Equatable {
  /// As people call it: "image", "text".
  public let name: String
  /// Whose tokens pass through it.
  public let modality: Modality
  /// Whether its tokens attend to the other modality's as well, behind the towers.
  public let isJoin: Bool
  public let layers: Int
  public let heads: Int
  public let width: Int
  /// Of the perceptron's hidden layer.
  public let intermediate: Int
  /// Tokens of one image, or the most of one text.
  public let tokens: Int

  init(
    _ name: String, _ modality: Modality, isJoin: Bool = false, layers: Int, heads: Int, width: Int,
    intermediate: Int, tokens: Int
  ) {
    (self.name, self.modality, self.isJoin) = (name, modality, isJoin)
    (self.layers, self.heads, self.width, self.intermediate) = (layers, heads, width, intermediate)
    self.tokens = tokens
  }

  /// The same for so many images at a time.
  func ofImages(_ count: Int) -> BlockGroup {
    BlockGroup(
      name, modality, isJoin: isJoin, layers: layers, heads: heads, width: width, intermediate: intermediate,
      tokens: count * tokens)
  }

  /// The same for segments of at most so many tokens.
  func cut(to tokens: Int) -> BlockGroup {
    BlockGroup(
      name, modality, isJoin: isJoin, layers: layers, heads: heads, width: width, intermediate: intermediate,
      tokens: min(self.tokens, tokens))
  }
}

extension ModelDescription {
  /// The blocks of one modality's tower; nil for a tower that is no transformer.
  public func towerBlocks(_ modality: Modality) -> BlockGroup? {
    blocks.first { $0.modality == modality && !$0.isJoin }
  }
}
