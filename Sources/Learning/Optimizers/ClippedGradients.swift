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

  private let arena: ParameterArena
  private let engine: Engine
  private let limit: Double?
  private let grid: SumGrid?
  private let learnt: [Parameter]
  private let kept: UnitGradients?
  private let storage: UnsafeMutableBufferPointer<Double>

  /// - Parameters:
  ///   - limit: C, the most that a gradient counts; nil clips nothing.
  ///   - most: units of all ranks that are ever added up; sums of that many are exact then. Nil rounds as sums of doubles do.
  ///   - keepsFactors: whether gradients of large weights are computed for many units together; the result is the same but for rounding.
  public init(_ arena: ParameterArena, _ engine: Engine, limit: Double?, most: Int? = nil, keepsFactors: Bool = true) {
    precondition(limit.map { $0 > 0 } ?? true, "gradients are clipped to a norm of \(limit ?? 0)")
    precondition(engine.precision == .fp32 || !keepsFactors, "norms are told of fp32 factors")
    (self.arena, self.engine, self.limit) = (arena, engine, limit)
    grid = limit.flatMap { limit in most.map { SumGrid(limit: limit, most: $0) } }
    learnt = arena.parameters.filter { $0.tensor.requiresGradient }
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
    let norm = squaredNorm().squareRoot()
    guard norm.isFinite else { return Unit(norm: norm, factor: 0) }
    let factor = limit.map { min(1, $0 / (norm + 1e-6)) } ?? 1
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

  private func squaredNorm() -> Double {
    learnt.enumerated().reduce(0.0) { squares, next in
      let (place, tensor) = (next.offset, next.element.tensor)
      if let kept, kept.holds(place) {
        if tensor.gradientIsStale { return squares + kept.squaredNorm(place) }
        if let gradient = tensor.gradient { kept.move(place, into: gradient) }
      }
      return tensor.gradientIsStale ? squares : squares + arena.squaredGradients(in: range(next.element), engine)
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
    let (sum, gradients) = (storage, arena.gradients)
    engine.overColumns(range.count, rows: 4) { part in
      for place in range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound {
        let value = factor * Double(gradients[place])
        sum[place] += grid?.rounded(value) ?? value
      }
    }
  }

  // MARK: Over ranks

  /// The sum as two floats a place, each of which ranks add up exactly: what both come to in the end has the same bytes, however units were divided
  /// among ranks. For up to 512 of them.
  /// - Parameter part: is called with what goes into an arena of gradients, the coarse part first.
  public func divide(_ part: (_ place: Int, _ coarse: Float, _ fine: Float) -> Void) {
    guard let grid else { preconditionFailure("sums that are not exact are not divided") }
    for (place, value) in storage.enumerated() {
      let coarse = grid.coarse(value)
      part(place, Float(coarse), Float(value - coarse))
    }
  }
}
