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
    /// What the learning rate is multiplied by.
    let rateFactor: Float
  }

  public let settings: Settings
  /// Steps taken so far; the moments' bias correction depends on it.
  public var stepCount = 0
  private let engine: Engine
  private let arena: ParameterArena
  private let spans: [Span]
  /// The part of the arena that is updated here, and whose moments are kept here.
  public let part: Range<Int>
  private let firstMoments: Tensor
  private let secondMoments: Tensor

  /// - Parameters:
  ///   - part: what this rank updates where ranks divide the arena (ZeRO stage 1: Rajbhandari et al., 2020); nil for all
  ///     of it.
  ///   - rateFactor: what the learning rate is multiplied by for a parameter, by the name of its first array.
  public init(
    _ arena: ParameterArena, _ settings: Settings, _ engine: Engine, part: Range<Int>? = nil,
    rateFactor: (_ name: String) -> Float = { _ in 1 }
  ) {
    (self.arena, self.settings, self.engine) = (arena, settings, engine)
    let part = part ?? 0..<arena.count
    self.part = part
    func moments() -> Tensor {
      Tensor(shape: [part.count], storage: Storage(zeroed: part.count * 4), requiresGradient: false)
    }
    (firstMoments, secondMoments) = (moments(), moments())
    spans = Self.spans(arena, rateFactor).map {
      Span(range: $0.range.clamped(to: part), decays: $0.decays, rateFactor: $0.rateFactor)
    }.filter { !$0.range.isEmpty }
  }

  /// Neighbours that are treated alike become one span; what is frozen is in none.
  private static func spans(_ arena: ParameterArena, _ rateFactor: (_ name: String) -> Float) -> [Span] {
    var spans: [Span] = []
    for parameter in arena.parameters where parameter.tensor.requiresGradient {
      let start = parameter.slices[0].offset
      let end = (start + parameter.count + 15) & ~15
      let decays = parameter.slices[0].shape.count >= 2
      let factor = rateFactor(parameter.slices[0].name)
      if let last = spans.last, last.decays == decays, last.rateFactor == factor, last.range.upperBound == start {
        spans[spans.count - 1] = Span(range: last.range.lowerBound..<end, decays: decays, rateFactor: factor)
      } else {
        spans.append(Span(range: start..<end, decays: decays, rateFactor: factor))
      }
    }
    return spans
  }

  /// One update of the weights of `part`, and of their rounded copy where the arena keeps one.
  /// - Parameter gradientScale: what clipping multiplies the gradients by.
  public func step(learningRate: Float, gradientScale: Float) {
    stepCount += 1
    guard let weights = arena.weights.baseAddress, let gradients = arena.gradients.baseAddress else { return }
    for span in spans {
      var parameters = self.parameters(learningRate * span.rateFactor, gradientScale, decays: span.decays)
      let (m, v) = (firstMoments.floats, secondMoments.floats)
      withUnsafePointer(to: &parameters) { parameters in
        engine.overColumns(span.range.count, rows: 4) { part in
          let start = span.range.lowerBound + part.lowerBound
          let own = start - self.part.lowerBound
          engine.kernels.adamw(
            part.count, parameters, weights + start, gradients + start, m + own, v + own,
            arena.roundedWeights.map { $0 + start })
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

  /// What a checkpoint puts before a parameter's key for each of `moments`.
  public static let momentPrefixes = ["exp_avg.", "exp_avg_sq."]

  /// The moments of `part`, in place: first, then second.
  public var moments: [UnsafeMutableBufferPointer<Float>] {
    [firstMoments, secondMoments].map { UnsafeMutableBufferPointer(start: $0.floats, count: $0.count) }
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
