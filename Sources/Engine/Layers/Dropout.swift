public import TensorEngine

/// Dropout of what a layer makes, while a model is trained (Srivastava et al., 2014).
public struct Dropout {
  /// 0 drops nothing.
  public let rate: Float
  /// The layer's name, by which it draws its masks.
  let layer: UInt64

  public init(_ builder: ParameterBuilder, _ name: String, rate: Float) {
    (self.rate, layer) = (rate, builder.hashedName(name))
  }

  /// - Parameter offsets: sample i has the rows offsets[i] ..< offsets[i + 1]; nil: a row each.
  public func callAsFunction(_ x: Tensor, offsets: [Int]? = nil, _ tape: Tape) -> Tensor {
    tape.dropout(x, rate: rate, layer: layer, offsets: offsets)
  }
}
