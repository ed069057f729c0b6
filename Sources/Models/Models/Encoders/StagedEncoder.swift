package import TensorEngine

/// A network of convolutions whose maps are looked at on the way, from large and plain to small and rich.
package protocol StagedEncoder: PictureEncoder {
  /// pixels [B, 3, S, S] → a map of each stage [B, H, W, C].
  func maps(of pixels: Tensor, _ tape: Tape) -> [Tensor]
}

/// The sizes of one.
public protocol StagedTowerDescription: ImageTowerDescription {
  /// C of each stage's map, in the order in which data pass.
  var stageWidths: [Int] { get }
}
