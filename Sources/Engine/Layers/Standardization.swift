public import TensorEngine

/// (x - mean) / scale a column, by constants that are kept with the model: features of mean 0 and deviation 1, once they are
/// fitted to the examples that a model is trained on.
public struct Standardization {
  public let mean: Parameter
  public let scale: Parameter

  public init(_ builder: ParameterBuilder, _ name: String, width: Int) {
    mean = builder[name].constant("mean", [width], 0)
    scale = builder[name].constant("scale", [width], 1)
  }

  /// x [N, W] → [N, W]
  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    tape.standardize(x, mean: mean.tensor, scale: scale.tensor)
  }
}
