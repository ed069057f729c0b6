/// A learning rate that falls from layer to layer towards the input, for weights that know something already: in a tower
/// of L - 1 blocks the embeddings have depth 0, block i has depth i + 1, and a parameter of depth d learns at
/// decay^(L - d) times the rate. What comes after the blocks, and what is of no tower, learns at the full rate (Bao et
/// al., "BEiT", 2022; timm's `param_groups_layer_decay`).
public struct LayerDecay: Sendable {
  private let decay: Double
  private let towers: [TowerLayers]

  public init(_ decay: Double, _ description: any ModelDescription) {
    self.decay = decay
    towers = Modality.allCases.compactMap { description.towers[$0] }
  }

  /// What the learning rate of a parameter is multiplied by.
  public func factor(of name: String) -> Float {
    for tower in towers {
      guard let depth = tower.depth(of: name) else { continue }
      return Float((depth..<tower.blocks.count + 1).reduce(1.0) { product, _ in product * decay })
    }
    return 1
  }
}
