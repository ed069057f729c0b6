/// What a relative tolerance is a share of.
public enum Scale: Sendable {
  /// The larger magnitude of the two elements.
  case element
  /// The largest magnitude of all expected elements: for gradients, whose small elements are sums of large ones.
  case largest
}

/// How `actual` differs from `expected`, or nil if it does not: elements may differ by `relative` × the scale, and by
/// `floor` where that is more. NaN equals nothing. To be used as `#expect(difference(a, b, relative: 1e-5) == nil)`:
/// the sentence then stands in the failure.
public func difference<Value: BinaryFloatingPoint>(
  _ actual: [Value], _ expected: [Value], relative: Value, floor: Value = 0, scale: Scale = .element
) -> String? {
  guard actual.count == expected.count else { return "\(actual.count) elements, \(expected.count) expected" }
  let largest = expected.map(\.magnitude).max() ?? 0
  var worst: (index: Int, excess: Value)?
  var count = 0
  for index in actual.indices {
    let (a, e) = (actual[index], expected[index])
    let size = scale == .element ? max(a.magnitude, e.magnitude) : largest
    let allowed = max(floor, relative * size)
    let error = (a - e).magnitude
    if a == e || error <= allowed { continue }
    count += 1
    let excess = error.isNaN || allowed == 0 ? Value.infinity : error / allowed
    if worst == nil || excess > worst?.excess ?? 0 { worst = (index, excess) }
  }
  guard let worst else { return nil }
  return "\(count) of \(actual.count) elements differ, the worst at \(worst.index): \(actual[worst.index]), "
    + "\(expected[worst.index]) expected, \(worst.excess) times the tolerance (relative \(relative), floor \(floor))"
}

/// The same for two numbers.
public func difference<Value: BinaryFloatingPoint>(
  _ actual: Value, _ expected: Value, relative: Value, floor: Value = 0
) -> String? {
  difference([actual], [expected], relative: relative, floor: floor)
}
