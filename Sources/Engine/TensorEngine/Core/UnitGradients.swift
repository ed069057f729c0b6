internal import CKernels

/// Keeps what gradients of weights are made of, instead of the gradients, while backward passes are taken of one unit after the
/// other: a unit is a sample, or a few that are told together.
///
/// In one unit the gradient of a weight W [O, I] is dyᵀ x of its rows x [R, I] and dy [R, O]. Its norm is known from two products
/// of R × R (Goodfellow, "Efficient Per-Example Gradient Computations", 2015), and the sum over units, each times a factor, is one
/// product of the rows of all (Bu et al., "Differentially Private Optimization on Large Model at Small Cost", 2023).
package final class UnitGradients {
  /// How a unit used a weight.
  private enum Use {
    /// dW += dyᵀ x
    case product(x: Tensor, dy: Tensor)
    /// Row ids[r] of W was read: dW[ids[r]] += dy[r].
    case lookup(ids: [Int], dy: Tensor)
  }

  private let engine: Engine
  private let weights: [Tensor]
  private let places: [ObjectIdentifier: Int]
  /// Of the unit under way, a list for each weight.
  private var uses: [[Use]]
  /// Of the units before, with their factors.
  private var settled: [[(use: Use, factor: Float)]]

  /// - Parameter weights: fp32, whose products are kept.
  package init(_ weights: [Tensor], _ engine: Engine) {
    (self.weights, self.engine) = (weights, engine)
    places = Dictionary(uniqueKeysWithValues: weights.enumerated().map { (ObjectIdentifier($1), $0) })
    (uses, settled) = (weights.map { _ in [] }, weights.map { _ in [] })
  }

  // MARK: In backward passes

  /// Keeps x [R, I] and dy [R, O] where that takes less than the gradient of the weight.
  /// - Returns: false where the gradient is to be computed as always.
  func keep(_ weight: Tensor, x: Tensor, dy: Tensor) -> Bool {
    guard let place = places[ObjectIdentifier(weight)], 2 * x.rows * x.rows <= weight.count else { return false }
    uses[place].append(.product(x: x, dy: dy))
    return true
  }

  /// The same for rows of a table [V, W] that were read.
  func keep(_ table: Tensor, ids: [Int], dy: Tensor) -> Bool {
    guard let place = places[ObjectIdentifier(table)], 2 * ids.count * ids.count <= table.count else { return false }
    uses[place].append(.lookup(ids: ids, dy: dy))
    return true
  }

  // MARK: After that of a unit

  /// Whether something is kept of a weight in the unit under way.
  package func holds(_ place: Int) -> Bool { !uses[place].isEmpty }

  /// ‖dW‖² in the unit under way.
  package func squaredNorm(_ place: Int) -> Double {
    let own = uses[place]
    var sum = 0.0
    for (first, use) in own.enumerated() {
      sum += product(use, use)
      // Where a weight is used twice, the uses meet each other.
      for other in own[(first + 1)...] { sum += 2 * product(use, other) }
    }
    return max(sum, 0)
  }

  /// What rounding may have taken from ‖dW‖² in the unit under way: of products of fp32 rows, as much as their lengths allow. It counts where rows
  /// cancel each other out.
  package func slack(_ place: Int) -> Double {
    let lengths = uses[place].reduce(0.0) { $0 + length($1) }
    return 0x1p-22 * lengths * lengths
  }

  /// Σ_t ‖x_t‖ ‖dy_t‖
  private func length(_ use: Use) -> Double {
    switch use {
    case .product(let x, let dy): (0..<x.rows).reduce(0.0) { $0 + (squares(x, $1) * squares(dy, $1)).squareRoot() }
    case .lookup(_, let dy): (0..<dy.rows).reduce(0.0) { $0 + squares(dy, $1).squareRoot() }
    }
  }

  private func squares(_ rows: Tensor, _ row: Int) -> Double {
    engine.kernels.sum_of_squares(rows.columns, rows.floats + row * rows.columns)
  }

  /// Adds dW of the unit under way to a gradient [O, I] that it has beside, and keeps nothing of it any more.
  package func move(_ place: Int, into gradient: Tensor) {
    add(uses[place].map { ($0, 1) }, to: gradient)
    uses[place] = []
  }

  /// The unit is over, and counts so much in sums.
  package func settle(factor: Float) {
    for place in uses.indices {
      settled[place] += uses[place].map { ($0, factor) }
      uses[place] = []
    }
  }

  /// The unit is over, and counts nothing.
  package func settleNothing() { for place in uses.indices { uses[place] = [] } }

  /// Nothing is kept any more, neither of the unit under way nor of those before.
  package func forget() {
    settleNothing()
    for place in settled.indices { settled[place] = [] }
  }

  /// Whether something is kept of a weight in the units before.
  package func hasSettled(_ place: Int) -> Bool { !settled[place].isEmpty }

  /// gradient += Σ factor dW over the units before, of which nothing is kept any more.
  package func sum(_ place: Int, into gradient: Tensor) {
    add(settled[place], to: gradient)
    settled[place] = []
  }

  // MARK: How uses meet

  /// The inner product of the gradients that two uses make.
  private func product(_ first: Use, _ second: Use) -> Double {
    switch (first, second) {
    case (.product(let x, let dy), .product(let otherX, let otherDy)):
      // Σ_{t,s} (x_t · x'_s) (dy_t · dy'_s)
      dot(rows(x, otherX), rows(dy, otherDy))
    case (.lookup(let ids, let dy), .lookup(let otherIds, let otherDy)):
      // Σ_{t,s} [id_t = id'_s] dy_t · dy'_s
      withExtendedLifetime(rows(dy, otherDy)) { products in
        var sum = 0.0
        for (t, id) in ids.enumerated() {
          for (s, other) in otherIds.enumerated() where id == other {
            sum += Double(products.floats[t * otherIds.count + s])
          }
        }
        return sum
      }
    case (.lookup(let ids, let dy), .product(let x, let logits)),
      (.product(let x, let logits), .lookup(let ids, let dy)):
      // Σ_{t,s} dlogits_s[id_t] (dy_t · x_s)
      withExtendedLifetime((rows(dy, x), logits)) { products, logits in
        var sum = 0.0
        for (t, id) in ids.enumerated() {
          for s in 0..<x.rows {
            sum += Double(products.floats[t * x.rows + s]) * Double(logits.floats[s * logits.columns + id])
          }
        }
        return sum
      }
    }
  }

  /// The products of all rows of two matrices with the same columns [N, M].
  private func rows(_ a: Tensor, _ b: Tensor) -> Tensor {
    let products = engine.tensor([a.rows, b.rows])
    engine.multiply(.init(a), .init(b, transposed: true), into: products)
    return products
  }

  private func dot(_ a: Tensor, _ b: Tensor) -> Double {
    withExtendedLifetime((a, b)) { a, b in
      (0..<a.count).reduce(0.0) { $0 + Double(a.floats[$1]) * Double(b.floats[$1]) }
    }
  }

  // MARK: Sums

  private func add(_ uses: [(use: Use, factor: Float)], to gradient: Tensor) {
    var products: [(x: Tensor, dy: Tensor, factor: Float)] = []
    for (use, factor) in uses {
      switch use {
      case .product(let x, let dy): products.append((x, dy, factor))
      case .lookup(let ids, let dy): add(dy, times: factor, to: ids, of: gradient)
      }
    }
    guard !products.isEmpty else { return }
    let x = joined(products.map { ($0.x, 1) })
    let dy = joined(products.map { ($0.dy, $0.factor) })
    engine.multiply(.init(dy, transposed: true), .init(x), into: gradient, accumulates: true)
  }

  /// Rows one below the other, each matrix times its factor.
  private func joined(_ parts: [(rows: Tensor, factor: Float)]) -> Tensor {
    let whole = engine.tensor([parts.reduce(0) { $0 + $1.rows.rows }, parts[0].rows.columns])
    var start = 0
    for (rows, factor) in parts {
      engine.kernels.scale(rows.count, factor, rows.floats, whole.floats + start, 0)
      start += rows.count
    }
    return whole
  }

  private func add(_ rows: Tensor, times factor: Float, to ids: [Int], of table: Tensor) {
    let columns = rows.columns
    for (row, id) in ids.enumerated() {
      engine.kernels.scale(columns, factor, rows.floats + row * columns, table.floats + id * columns, 1)
    }
  }
}
