public import TensorEngine

/// Normalization of each channel by statistics that are kept with the model, or by the batch's own where the tape says so
/// (Ioffe & Szegedy, 2015). Keys as in PyTorch; `num_batches_tracked` is not kept.
public struct BatchNorm {
  public let weight: Parameter
  public let bias: Parameter
  public let mean: Parameter
  public let variance: Parameter
  public let epsilon: Float
  /// How far the kept statistics move towards a batch's.
  public let momentum: Float

  private static let varianceName = "running_var"
  /// Whether a parameter holds variances, none of which may be negative.
  public static func isVariance(_ parameter: String) -> Bool { parameter.hasSuffix("." + varianceName) }

  public init(
    _ builder: ParameterBuilder, _ name: String, channels: Int, epsilon: Float = 1e-5, momentum: Float = 0.1
  ) {
    let builder = builder[name]
    weight = builder.parameter("weight", [channels], .constant(1))
    bias = builder.parameter("bias", [channels], .constant(0))
    mean = builder.constant("running_mean", [channels], 0)
    variance = builder.constant(Self.varianceName, [channels], 1)
    (self.epsilon, self.momentum) = (epsilon, momentum)
  }

  /// x [..., C] → the same shape: f(norm(x) + residual). A norm of which neither gain nor shift is learnt keeps its
  /// statistics, too, as open_clip's `freeze_bn_stats` has it.
  public func callAsFunction(
    _ x: Tensor, adding residual: Tensor? = nil, activation: Activation = .none, _ tape: Tape
  ) -> Tensor {
    let normalized = tape.batchNorm(
      x, weight: weight.tensor, bias: bias.tensor, mean: mean.tensor, variance: variance.tensor, epsilon: epsilon,
      momentum: momentum, keepsStatistics: !weight.tensor.requiresGradient && !bias.tensor.requiresGradient)
    let sum = residual.map { tape.add(normalized, $0) } ?? normalized
    return activation == .none ? sum : tape.activate(sum, activation)
  }
}
