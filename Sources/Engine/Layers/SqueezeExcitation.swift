public import TensorEngine

/// A gate a channel and image, computed from the channels' means: x · σ(W₂ relu(W₁ mean(x))) (Hu et al., 2018).
public struct SqueezeExcitation {
  public let reduce: Convolution
  public let expand: Convolution

  public init(_ builder: ParameterBuilder, channels: Int, reduced: Int) {
    reduce = Convolution(
      builder, "fc1", ConvolutionForm(inputs: channels, outputs: reduced, kernel: 1), hasBias: true)
    expand = Convolution(
      builder, "fc2", ConvolutionForm(inputs: reduced, outputs: channels, kernel: 1), hasBias: true)
  }

  /// x [B, H, W, C] → the same shape, fp32
  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    let means = tape.meanPool(x, offsets: (0...x.shape[0]).map { $0 * x.rows / x.shape[0] })
    // Few numbers that each decide over a whole channel: they stay fp32.
    let hidden = tape.linear(
      means, weight: reduce.weight.tensor, bias: reduce.bias?.tensor, keepsFloat32: true)
    let gate = tape.linear(
      tape.activate(hidden, .relu), weight: expand.weight.tensor, bias: expand.bias?.tensor, keepsFloat32: true)
    return tape.scaleChannels(x, by: tape.activate(gate, .sigmoid))
  }
}
