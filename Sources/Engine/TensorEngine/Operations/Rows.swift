internal import CKernels
internal import Glibc

// Operations that move whole rows: gathering, pooling, joining.

extension Tape {
  /// y[i] = x[indices[i]]: pooling at a token, or copies of segments; an index may occur more than once.
  public func gatherRows(_ x: Tensor, _ indices: [Int]) -> Tensor {
    precondition(indices.allSatisfy { $0 >= 0 && $0 < x.rows }, "gatherRows: an index leaves the \(x.rows) rows")
    let columns = x.columns
    let bytes = columns * x.elementType.byteCount
    let y = engine.tensor([indices.count, columns], x.elementType, requiresGradient: tracks(x))
    engine.overRows(indices.count, columns: columns) { range in
      for row in range { memcpy(y.bytes + row * bytes, x.bytes + indices[row] * bytes, bytes) }
    }
    if tracks(x) { record(GatherRowsOperation(x: x, indices: indices, y: y)) }
    return y
  }

  /// The mean of each segment's rows: x [T, W], segments at `offsets` (n + 1 of them); the result is [n, W].
  public func meanPool(_ x: Tensor, offsets: [Int]) -> Tensor {
    let x = float32(x)
    let columns = x.columns
    let y = engine.tensor([offsets.count - 1, columns], requiresGradient: tracks(x))
    engine.overRows(y.rows, columns: columns) { range in
      for segment in range {
        let (first, last) = (offsets[segment], offsets[segment + 1])
        precondition(last > first, "meanPool: segment \(segment) is empty")
        let out = y.floats + segment * columns
        engine.kernels.column_sums(last - first, columns, 0, columns, x.floats + first * columns, out, 0)
        engine.kernels.scale(columns, 1 / Float(last - first), out, out, 0)
      }
    }
    if tracks(x) { record(MeanPoolOperation(x: x, offsets: offsets, y: y)) }
    return y
  }

  /// [a, b] side by side: a [N, Wa], b [N, Wb]; the result is [N, Wa + Wb].
  public func concatenateColumns(_ a: Tensor, _ b: Tensor) -> Tensor {
    let (a, b) = (float32(a), float32(b))
    precondition(a.rows == b.rows, "concatenateColumns: \(a.shape) and \(b.shape)")
    let y = engine.tensor([a.rows, a.columns + b.columns], requiresGradient: tracks(a, b))
    for row in 0..<a.rows {
      memcpy(y.floats + row * y.columns, a.floats + row * a.columns, a.columns * 4)
      memcpy(y.floats + row * y.columns + a.columns, b.floats + row * b.columns, b.columns * 4)
    }
    if tracks(a, b) { record(ConcatenateColumnsOperation(a: a, b: b, y: y)) }
    return y
  }

  /// y[n, i] = x[n, columns[i]]; each column at most once.
  public func gatherColumns(_ x: Tensor, _ columns: [Int]) -> Tensor {
    precondition(
      Set(columns).count == columns.count && columns.allSatisfy { 0..<x.columns ~= $0 },
      "gatherColumns: \(columns) of \(x.shape)")
    let x = float32(x)
    let y = engine.tensor([x.rows, columns.count], requiresGradient: tracks(x))
    for row in 0..<x.rows {
      for (place, column) in columns.enumerated() {
        y.floats[row * columns.count + place] = x.floats[row * x.columns + column]
      }
    }
    if tracks(x) { record(GatherColumnsOperation(x: x, columns: columns, y: y)) }
    return y
  }

  /// Rows of a, then rows of b, and so on; all of the same width.
  public func concatenateRows(_ parts: [Tensor]) -> Tensor {
    let parts = parts.map(float32)
    let columns = parts.first?.columns ?? 0
    precondition(parts.allSatisfy { $0.columns == columns }, "concatenateRows: \(parts.map(\.shape))")
    let tracked = parts.contains { tracks($0) }
    let y = engine.tensor([parts.reduce(0) { $0 + $1.rows }, columns], requiresGradient: tracked)
    var row = 0
    for part in parts {
      memcpy(y.floats + row * columns, part.floats, part.count * 4)
      row += part.rows
    }
    if tracked { record(ConcatenateRowsOperation(parts: parts, y: y)) }
    return y
  }
}

private struct GatherRowsOperation: DifferentiableOperation {
  let x: Tensor, indices: [Int], y: Tensor

  // Columns, not rows, are divided over threads: two rows may land on the same one.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient, engine.unitGradients?.keep(x, ids: indices, dy: dy) != true,
      let target = engine.zeroedGradientTarget(x)
    else { return }
    let columns = x.columns
    engine.overColumns(columns, rows: indices.count) { range in
      for (row, index) in indices.enumerated() {
        let (source, place) = (row * columns + range.lowerBound, index * columns + range.lowerBound)
        if dy.elementType == .bfloat16 {
          let out = target.tensor.halves + place
          engine.kernels.add_bf16(range.count, out, dy.halves + source, out)
        } else {
          engine.kernels.add(range.count, target.floats + place, dy.floats + source, target.floats + place)
        }
      }
    }
  }
}

private struct GatherColumnsOperation: DifferentiableOperation {
  let x: Tensor, columns: [Int], y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    for row in 0..<x.rows {
      for (place, column) in columns.enumerated() {
        target.floats[row * x.columns + column] += dy.floats[row * columns.count + place]
      }
    }
  }
}

private struct MeanPoolOperation: DifferentiableOperation {
  let x: Tensor, offsets: [Int], y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient, let target = engine.zeroedGradientTarget(x) else { return }
    let columns = x.columns
    engine.overRows(y.rows, columns: columns) { range in
      for segment in range {
        let factor = 1 / Float(offsets[segment + 1] - offsets[segment])
        for row in offsets[segment]..<offsets[segment + 1] {
          engine.kernels.scale(columns, factor, dy.floats + segment * columns, target.floats + row * columns, 1)
        }
      }
    }
  }
}

private struct ConcatenateColumnsOperation: DifferentiableOperation {
  let a: Tensor, b: Tensor, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    for (part, column) in [(a, 0), (b, a.columns)] {
      guard let target = engine.gradientTarget(part) else { continue }
      for row in 0..<part.rows {
        engine.kernels.scale(
          part.columns, 1, dy.floats + row * y.columns + column, target.floats + row * part.columns, target.accumulate)
      }
    }
  }
}

private struct ConcatenateRowsOperation: DifferentiableOperation {
  let parts: [Tensor], y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    var start = 0
    for part in parts {
      if let target = engine.gradientTarget(part) {
        engine.kernels.scale(part.count, 1, dy.floats + start, target.floats, target.accumulate)
      }
      start += part.count
    }
  }
}
