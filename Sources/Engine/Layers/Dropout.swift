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

  /// The same of a branch that nothing else reads: its values are released.
  public func callAsFunction(releasing x: Tensor, offsets: [Int]?, _ tape: Tape) -> Tensor {
    let kept = self(x, offsets: offsets, tape)
    if kept !== x { x.releaseValues("a part of it was dropped") }
    return kept
  }

  /// For the probabilities of an attention; nil where nothing is dropped.
  public var ofProbabilities: (rate: Float, layer: UInt64)? { rate > 0 ? (rate, layer) : nil }
}

/// The shares that a transformer drops while it is trained; 0 drops nothing.
public struct DropoutRates: Sendable, Equatable {
  /// Of what a layer adds to the states, and of the embeddings.
  public var states: Float = 0
  /// Of the probabilities of attention.
  public var probabilities: Float = 0

  public init() {}
}
