internal import CKernels
internal import Glibc

/// How the transport between the tokens of a text and the regions of its image is found: the inexact proximal point
/// method for optimal transport, IPOT (Xie et al., "A Fast Proximal Point Method for Computing Exact Wasserstein Distance", 2018,
/// algorithm 1), as UNITER uses it (Chen et al., 2020, §3.2).
public struct TransportSettings: Sendable {
  /// β: how far a plan may move in one iteration.
  public var step: Float = 0.5
  public var iterations = 50

  public init() {}
}

extension Tape {
  /// What it costs to carry the tokens of each text over to the regions of its image: Σ T ∘ C with C = 1 - x·y and the plan T
  /// that IPOT finds. The plan is a constant for the gradient, which flows through C alone (UNITER's code does so).
  ///
  /// - Parameters:
  ///   - texts: states of all texts' tokens, of length one [T, W].
  ///   - images: states of all images' regions, of length one [R, W].
  ///   - textOffsets: pair p has the rows textOffsets[p] ..< textOffsets[p + 1] of `texts`, and likewise for `images`.
  /// - Returns: the distance of each pair [pairs, 1], and the plans end to end, each row by row.
  public func transportDistances(
    _ texts: Tensor, textOffsets: [Int], _ images: Tensor, imageOffsets: [Int],
    _ settings: TransportSettings = TransportSettings()
  ) -> (distances: Tensor, plans: [[Float]]) {
    let (texts, images) = (float32(texts), float32(images))
    precondition(
      texts.columns == images.columns && textOffsets.count == imageOffsets.count
        && textOffsets.last == texts.rows && imageOffsets.last == images.rows,
      "transportDistances: \(texts.shape) in \(textOffsets.count - 1) texts, \(images.shape) in \(imageOffsets.count - 1)"
    )
    let pairs = TransportPairs(texts: texts, textOffsets: textOffsets, images: images, imageOffsets: imageOffsets)
    let tracked = tracks(texts, images)
    let distances = engine.tensor([pairs.count, 1], requiresGradient: tracked)
    var plans = [[Float]](repeating: [], count: pairs.count)
    plans.withUnsafeMutableBufferPointer { plans in
      engine.threads.run(pairs.count) { _, pair in
        let costs = pairs.costs(pair)
        plans[pair] = transportPlan(costs, columns: pairs.regions(pair).count, settings)
        distances.floats[pair] = zip(plans[pair], costs).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
    if tracked { record(TransportOperation(pairs: pairs, plans: plans, distances: distances)) }
    return (distances, plans)
  }
}

private struct TransportOperation: DifferentiableOperation {
  let pairs: TransportPairs
  let plans: [[Float]]
  let distances: Tensor

  // With C = 1 - x·y: dx_i = -Σ_j T_ij y_j and dy_j = -Σ_i T_ij x_i.
  func backward(_ engine: Engine) {
    guard let ddistances = distances.gradient else { return }
    let texts = engine.zeroedGradientTarget(pairs.texts)?.tensor
    let images = engine.zeroedGradientTarget(pairs.images)?.tensor
    let width = pairs.texts.columns
    engine.threads.run(pairs.count) { _, pair in
      let (tokens, regions) = (pairs.tokens(pair), pairs.regions(pair))
      for (row, token) in tokens.enumerated() {
        for (column, region) in regions.enumerated() {
          let weight = -ddistances.floats[pair] * plans[pair][row * regions.count + column]
          let (x, y) = (pairs.texts.floats + token * width, pairs.images.floats + region * width)
          if let texts { engine.kernels.scale(width, weight, y, texts.floats + token * width, 1) }
          if let images { engine.kernels.scale(width, weight, x, images.floats + region * width, 1) }
        }
      }
    }
  }
}

/// Texts and images, a segment of each a pair.
private struct TransportPairs {
  let texts: Tensor, textOffsets: [Int]
  let images: Tensor, imageOffsets: [Int]

  var count: Int { textOffsets.count - 1 }
  func tokens(_ pair: Int) -> Range<Int> { textOffsets[pair]..<textOffsets[pair + 1] }
  func regions(_ pair: Int) -> Range<Int> { imageOffsets[pair]..<imageOffsets[pair + 1] }

  /// C = 1 - x·y [tokens, regions].
  func costs(_ pair: Int) -> [Float] {
    let width = texts.columns
    return tokens(pair).flatMap { token in
      regions(pair).map { region in
        let (x, y) = (texts.floats + token * width, images.floats + region * width)
        return 1 - (0..<width).reduce(0) { $0 + x[$1] * y[$1] }
      }
    }
  }
}

/// IPOT: T [n, m] with row sums 1/n and column sums near 1/m, for costs [n, m].
private func transportPlan(_ costs: [Float], columns m: Int, _ settings: TransportSettings) -> [Float] {
  let n = m == 0 ? 0 : costs.count / m
  guard n > 0 else { return [] }
  let kernel = costs.map { expf(-$0 / settings.step) }
  var plan = [Float](repeating: 1, count: n * m)
  var (left, right) = ([Float](repeating: 1 / Float(n), count: n), [Float](repeating: 0, count: m))
  for _ in 0..<settings.iterations {
    for index in plan.indices { plan[index] *= kernel[index] }
    for column in 0..<m {
      right[column] = 1 / (Float(m) * (0..<n).reduce(0) { $0 + plan[$1 * m + column] * left[$1] })
    }
    for row in 0..<n {
      left[row] = 1 / (Float(n) * (0..<m).reduce(0) { $0 + plan[row * m + $1] * right[$1] })
      for column in 0..<m { plan[row * m + column] *= left[row] * right[column] }
    }
  }
  return plan
}
