internal import CKernels
public import Layers
public import TensorEngine

/// The exponential moving average of the weights (Polyak & Juditsky, "Acceleration of Stochastic Approximation by Averaging",
/// 1992): after each update a ← d a + (1 − d) w, begun with the weights of the first update, as PyTorch's `AveragedModel`
/// with `get_ema_multi_avg_fn(d)` has it.
public final class WeightAverage {
  /// d
  public let decay: Float
  /// The part of the arena whose average is kept here.
  public let part: Range<Int>
  /// Whether there has been an update.
  public var hasBegun = false
  private let engine: Engine
  private let arena: ParameterArena
  private let average: Tensor
  /// What is averaged: of frozen weights nothing is kept, and their places stay zero, as they do in moments and gradients.
  private let spans: [Range<Int>]

  /// - Parameter part: as in `AdamW`.
  public init(_ arena: ParameterArena, decay: Float, _ engine: Engine, part: Range<Int>? = nil) {
    precondition((0..<1).contains(decay), "an average keeps a share from 0 to below 1 of itself, not \(decay)")
    (self.arena, self.decay, self.engine) = (arena, decay, engine)
    self.part = part ?? 0..<arena.count
    average = Tensor(shape: [self.part.count], storage: Storage(zeroed: self.part.count * 4), requiresGradient: false)
    spans = Self.spans(arena).map { [part = self.part] in $0.clamped(to: part) }.filter { !$0.isEmpty }
  }

  /// What is trained, neighbours as one.
  private static func spans(_ arena: ParameterArena) -> [Range<Int>] {
    arena.parameters.filter { $0.tensor.requiresGradient }.reduce(into: []) { spans, parameter in
      let start = parameter.slices[0].offset
      let end = (start + parameter.count + 15) & ~15
      if let last = spans.last, last.upperBound == start {
        spans[spans.count - 1] = last.lowerBound..<end
      } else {
        spans.append(start..<end)
      }
    }
  }

  /// Takes the weights in as they are now; after each update of them.
  public func update() {
    guard let weights = arena.weights.baseAddress else { return }
    let share = hasBegun ? 1 - decay : 1
    for span in spans {
      engine.overColumns(span.count, rows: 2) { range in
        let start = span.lowerBound + range.lowerBound
        engine.kernels.average(range.count, share, weights + start, average.floats + start - part.lowerBound)
      }
    }
    hasBegun = true
  }

  /// The average of `part`, in place; zeros where nothing is trained.
  public var values: UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(start: average.floats, count: average.count)
  }
}
