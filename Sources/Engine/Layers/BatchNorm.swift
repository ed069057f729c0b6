public import TensorEngine

/// Normalization of each channel by statistics that are kept with the model, or by the batch's own where the tape says so
/// (Ioffe & Szegedy, 2015). Keys as in PyTorch; `num_batches_tracked` is not kept.
public struct BatchNorm {
  public let weight: Parameter
  public let bias: Parameter
  public let mean: Parameter
  public let variance: Parameter
  public let epsilon: Float

  public init(_ builder: ParameterBuilder, _ name: String, channels: Int, epsilon: Float = 1e-5) {
    let builder = builder[name]
    weight = builder.parameter("weight", [channels], .constant(1))
    bias = builder.parameter("bias", [channels], .constant(0))
    mean = builder.constant("running_mean", [channels], 0)
    variance = builder.constant("running_var", [channels], 1)
    self.epsilon = epsilon
  }

  /// x [..., C] → the same shape. A norm of which neither gain nor shift is learnt keeps its statistics, too, as open_clip's
  /// `freeze_bn_stats` has it.
  public func callAsFunction(_ x: Tensor, _ tape: Tape) -> Tensor {
    tape.batchNorm(
      x, weight: weight.tensor, bias: bias.tensor, mean: mean.tensor, variance: variance.tensor, epsilon: epsilon,
      keepsStatistics: !weight.tensor.requiresGradient && !bias.tensor.requiresGradient)
  }
}
