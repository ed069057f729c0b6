package import TensorEngine

/// A network of convolutions whose maps are looked at on the way, from large and plain to small and rich.
package protocol StagedEncoder: PictureEncoder {
  /// pixels [B, 3, S, S] → a map of each stage [B, H, W, C].
  func maps(of pixels: Tensor, _ tape: Tape) -> [Tensor]
}

/// The sizes of one.
public protocol StagedTowerDescription: PictureTowerDescription {
  /// C of each stage's map, in the order in which data pass.
  var stageWidths: [Int] { get }
  /// H and W of each, of images that are as large as the tower reads them.
  var stageSides: [Int] { get }
}
