public import TensorEngine

/// Layer normalization with learned scale and shift (Ba, Kiros & Hinton, 2016).
public struct LayerNorm {
  public let weight: Parameter
  public let bias: Parameter
  public let epsilon: Float
  /// The result is fp32 at every precision: for a norm whose result is a residual stream.
  public let keepsFloat32: Bool

  public init(
    _ builder: ParameterBuilder, _ name: String, width: Int, epsilon: Float, keepsFloat32: Bool = false
  ) {
    weight = builder.parameter(name + ".weight", [width], .constant(1))
    bias = builder.parameter(name + ".bias", [width], .constant(0))
    self.epsilon = epsilon
    self.keepsFloat32 = keepsFloat32
  }

  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    tape.layerNorm(x, weight: weight.tensor, bias: bias.tensor, epsilon: epsilon, keepsFloat32: keepsFloat32)
  }

  /// sum = x + residual, and its normalization, in one pass. The values of x, a branch, are released: nothing else reads
  /// them.
  public func callAsFunction(_ x: Tensor, adding residual: Tensor, _ tape: Tape) -> (sum: Tensor, normalized: Tensor) {
    defer { x.releaseValues("the branch was added to the residual stream") }
    return tape.layerNorm(
      x, residual: residual, weight: weight.tensor, bias: bias.tensor, epsilon: epsilon, keepsFloat32: keepsFloat32)
  }
}
