internal import CKernels
public import Layers
public import TensorEngine

/// The sum of the gradients of units, each brought down to a norm first: what private learning adds noise to (Abadi et al., "Deep Learning
/// with Differential Privacy", 2016, algorithm 1). The norm is one over all that is learnt.
///
/// Each unit has a backward pass of its own, so that all that arrives in it is the unit's, whatever the model and however often it uses a
/// weight. Gradients of large weights are not computed then but once for many units (`UnitGradients`).
public final class ClippedGradients {
  /// What a unit's gradient was like.
  public struct Unit: Equatable, Sendable {
    /// Before it was clipped.
    public let norm: Double
    /// What it was multiplied by; 0 where it was not finite, and the unit says nothing.
    public let factor: Double
  }

  /// Of the limit, what a gradient is really brought down to: the rest is left for the rounding of fp32 products.
  public static let share = 1 - 0x1p-10

  private let arena: ParameterArena
  private let engine: Engine
  private let limit: Double?
  private let sumGrid: SumGrid?
  private let learnt: [Parameter]
  private let kept: UnitGradients?
  private let storage: UnsafeMutableBufferPointer<Double>

  /// - Parameters:
  ///   - limit: C, the most that a gradient counts; nil clips nothing.
  ///   - most: units of all ranks that are ever added up; sums of that many are exact then. Nil rounds as sums of doubles do.
  ///   - reached: the arena's parameters that count; of the others, whatever a unit says of them is left out, of its norm and of the sum. Nil
  ///     takes all that are learnt.
  ///   - keepsFactors: whether gradients of large weights are computed for many units together; the result is the same but for rounding.
  public init(
    _ arena: ParameterArena, _ engine: Engine, limit: Double?, most: Int? = nil, reached: Set<Int>? = nil,
    keepsFactors: Bool = true
  ) {
    precondition(limit.map { $0 > 0 } ?? true, "gradients are clipped to a norm of \(limit ?? 0)")
    precondition(engine.precision == .fp32 || !keepsFactors, "norms are told of fp32 factors")
    (self.arena, self.engine, self.limit) = (arena, engine, limit)
    sumGrid = limit.flatMap { limit in most.map { SumGrid(limit: limit, most: $0) } }
    learnt = arena.parameters.enumerated().filter {
      $1.tensor.requiresGradient && reached?.contains($0) != false
    }.map(\.element)
    kept = keepsFactors ? UnitGradients(learnt.map(\.tensor), engine) : nil
    storage = .allocate(capacity: arena.count)
    storage.initialize(repeating: 0)
  }

  deinit { storage.deallocate() }

  /// Of all units so far whose sums were made, by the arena's places.
  public var sum: UnsafeBufferPointer<Double> { UnsafeBufferPointer(storage) }

  /// Takes a unit in; what it says of large weights waits until `gather`.
  /// - Parameter backward: a backward pass of the unit alone.
  public func take(_ backward: () throws -> Void) rethrows -> Unit {
    arena.markGradientsStale()
    engine.unitGradients = kept
    defer {
      engine.unitGradients = nil
      // What a unit leaves that is not finite, or whose pass broke off, must not be taken for the next one's.
      kept?.settleNothing()
    }
    try backward()
    let (squares, slack) = squaredNorm()
    let norm = squares.squareRoot()
    guard norm.isFinite else { return Unit(norm: norm, factor: 0) }
    let factor = limit.map { min(1, Self.share * $0 / ((squares + slack).squareRoot() + 1e-6)) } ?? 1
    for parameter in learnt where !parameter.tensor.gradientIsStale { add(parameter, times: factor) }
    kept?.settle(factor: Float(factor))
    return Unit(norm: norm, factor: factor)
  }

  /// Makes the sums of what units have left since the last time. The fewer there are, the less memory it takes, and the more time.
  public func gather() {
    guard let kept else { return }
    for (place, parameter) in learnt.enumerated() where kept.hasSettled(place) {
      clear(parameter)
      if let gradient = parameter.tensor.gradient { kept.sum(place, into: gradient) }
      add(parameter, times: 1)
    }
  }

  /// Begins a new sum, without what was not gathered.
  public func reset() {
    storage.update(repeating: 0)
    kept?.forget()
  }

  /// And what rounding may have taken from it.
  private func squaredNorm() -> (squares: Double, slack: Double) {
    learnt.enumerated().reduce((0.0, 0.0)) { sum, next in
      let (place, tensor) = (next.offset, next.element.tensor)
      if let kept, kept.holds(place) {
        if tensor.gradientIsStale { return (sum.0 + kept.squaredNorm(place), sum.1 + kept.slack(place)) }
        if let gradient = tensor.gradient { kept.move(place, into: gradient) }
      }
      return tensor.gradientIsStale
        ? sum : (sum.0 + arena.squaredGradients(in: range(next.element), engine), sum.1)
    }
  }

  private func range(_ parameter: Parameter) -> Range<Int> {
    parameter.slices[0].offset..<parameter.slices[0].offset + parameter.count
  }

  private func clear(_ parameter: Parameter) {
    UnsafeMutableBufferPointer(rebasing: arena.gradients[range(parameter)]).update(repeating: 0)
  }

  private func add(_ parameter: Parameter, times factor: Double) {
    let range = range(parameter)
    let (sum, gradients, grid) = (storage, arena.gradients, sumGrid)
    engine.overColumns(range.count, rows: 4) { part in
      for place in range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound {
        let value = factor * Double(gradients[place])
        sum[place] += grid?.rounded(value) ?? value
      }
    }
  }

  // MARK: Over ranks

  /// The width of the grid on which the sum lies, a power of two; 0 where it rounds as sums of doubles do.
  public var grid: Double { sumGrid?.fine ?? 0 }

  /// Parts of the sum that fit floats, each of which ranks add up exactly: what both come to in the end has the same bytes, however units were
  /// divided among ranks. For up to 512 of them.
  public enum Part: CaseIterable, Sendable {
    case coarse
    case fine
  }

  /// Writes a part of the sum to the arena's gradients.
  public func write(_ part: Part) {
    guard let grid = sumGrid else { preconditionFailure("sums that are not exact are not divided") }
    let (sum, gradients) = (storage, arena.gradients)
    engine.overColumns(sum.count, rows: 4) { places in
      for place in places {
        let coarse = grid.coarse(sum[place])
        gradients[place] = Float(part == .coarse ? coarse : sum[place] - coarse)
      }
    }
  }
}
