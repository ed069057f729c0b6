public import Batching
public import Models
public import TensorEngine

extension PackedText {
  /// Texts of the loader's as encoders take them.
  public init(_ texts: TextBatch) { self.init(ids: texts.ids, offsets: texts.offsets.map { Int($0) }) }
}

extension Engine {
  /// Photos of the loader's as encoders take them [b, 3, S, S]; no rows where none were asked for.
  public func photos(_ pixels: PixelBuffer?, side: Int) -> Tensor {
    guard let pixels else { return tensor([0, 3, side, side]) }
    return pixels.withUnsafeBufferPointer { tensor($0, shape: [$0.count / (3 * side * side), 3, side, side]) }
  }
}
