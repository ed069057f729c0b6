internal import CKernels
public import Layers
public import TensorEngine

/// AdamW (Loshchilov & Hutter, "Decoupled Weight Decay Regularization", 2019) over the flat arenas of a model.
///
/// Weights of two or more dimensions decay; biases, norms and the temperature do not.
public final class AdamW {
  public struct Settings: Sendable, Equatable {
    public var beta1: Float
    public var beta2: Float
    public var epsilon: Float
    public var weightDecay: Float

    public init(beta1: Float, beta2: Float, epsilon: Float, weightDecay: Float) {
      (self.beta1, self.beta2, self.epsilon, self.weightDecay) = (beta1, beta2, epsilon, weightDecay)
    }
  }

  /// A run of the arena that is treated alike.
  private struct Span {
    let range: Range<Int>
    let decays: Bool
  }

  public let settings: Settings
  /// Steps taken so far; the moments' bias correction depends on it.
  public var stepCount = 0
  private let engine: Engine
  private let arena: ParameterArena
  private let spans: [Span]
  private let firstMoments: Tensor
  private let secondMoments: Tensor

  public init(_ arena: ParameterArena, _ settings: Settings, _ engine: Engine) {
    (self.arena, self.settings, self.engine) = (arena, settings, engine)
    firstMoments = Tensor(shape: [arena.count], storage: Storage(zeroed: arena.count * 4), requiresGradient: false)
    secondMoments = Tensor(shape: [arena.count], storage: Storage(zeroed: arena.count * 4), requiresGradient: false)
    spans = Self.spans(arena)
  }

  /// Neighbours that are treated alike become one span; what is frozen is in none.
  private static func spans(_ arena: ParameterArena) -> [Span] {
    var spans: [Span] = []
    for parameter in arena.parameters where parameter.tensor.requiresGradient {
      let start = parameter.slices[0].offset
      let end = (start + parameter.count + 15) & ~15
      let decays = parameter.slices[0].shape.count >= 2
      if let last = spans.last, last.decays == decays, last.range.upperBound == start {
        spans[spans.count - 1] = Span(range: last.range.lowerBound..<end, decays: decays)
      } else {
        spans.append(Span(range: start..<end, decays: decays))
      }
    }
    return spans
  }

  /// One update of all weights.
  /// - Parameter gradientScale: what clipping multiplies the gradients by.
  public func step(learningRate: Float, gradientScale: Float) {
    stepCount += 1
    guard let weights = arena.weights.baseAddress, let gradients = arena.gradients.baseAddress else { return }
    for span in spans {
      var parameters = self.parameters(learningRate, gradientScale, decays: span.decays)
      let (m, v) = (firstMoments.floats, secondMoments.floats)
      withUnsafePointer(to: &parameters) { parameters in
        engine.overColumns(span.range.count, rows: 4) { part in
          let start = span.range.lowerBound + part.lowerBound
          engine.kernels.adamw(part.count, parameters, weights + start, gradients + start, m + start, v + start)
        }
      }
    }
  }

  private func parameters(_ learningRate: Float, _ gradientScale: Float, decays: Bool) -> mmk_adamw_parameters {
    mmk_adamw_parameters(
      learning_rate: learningRate, beta1: settings.beta1, beta2: settings.beta2, epsilon: settings.epsilon,
      weight_decay: decays ? settings.weightDecay : 0, gradient_scale: gradientScale,
      bias_correction1: Float(1 - power(Double(settings.beta1), stepCount)),
      bias_correction2: Float(1 - power(Double(settings.beta2), stepCount)))
  }

  /// The moments under names for a checkpoint, in place: `exp_avg.` and `exp_avg_sq.` before each parameter's key.
  public var state: [(name: String, shape: [Int], values: UnsafeMutableBufferPointer<Float>)] {
    [("exp_avg.", firstMoments), ("exp_avg_sq.", secondMoments)].flatMap { prefix, moments in
      arena.slices.map { slice in
        (
          prefix + slice.name, slice.shape,
          UnsafeMutableBufferPointer(start: moments.floats + slice.offset, count: slice.count)
        )
      }
    }
  }
}

/// base^exponent by squaring: the same bits everywhere.
private func power(_ base: Double, _ exponent: Int) -> Double {
  var (result, factor, rest) = (1.0, base, exponent)
  while rest > 0 {
    if rest & 1 == 1 { result *= factor }
    factor *= factor
    rest >>= 1
  }
  return result
}
