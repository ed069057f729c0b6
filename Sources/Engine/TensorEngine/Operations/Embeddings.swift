internal import CKernels
internal import Glibc

extension Tape {
  /// Token plus position embedding of packed ids: y[t] = table[ids[t]] + position[t - start of its segment].
  /// table [V, W], position [L, W], offsets n + 1; y [T, W].
  public func tokenEmbedding(ids: [Int32], offsets: [Int], table: Tensor, position: Tensor) -> Tensor {
    let columns = table.columns
    precondition(
      ids.allSatisfy { $0 >= 0 && $0 < table.rows }, "tokenEmbedding: an id leaves the vocabulary of \(table.rows)")
    precondition(
      zip(offsets, offsets.dropFirst()).allSatisfy { $1 - $0 <= position.rows },
      "tokenEmbedding: a segment is longer than the \(position.rows) positions")
    let y = engine.tensor([ids.count, columns], requiresGradient: tracks(table, position))
    for segment in 0..<max(offsets.count - 1, 0) {
      for row in offsets[segment]..<offsets[segment + 1] {
        engine.kernels.add(
          columns, table.floats + Int(ids[row]) * columns, position.floats + (row - offsets[segment]) * columns,
          y.floats + row * columns)
      }
    }
    if tracks(table, position) {
      record(TokenEmbeddingOperation(ids: ids, offsets: offsets, table: table, position: position, y: y))
    }
    return y
  }

  /// A vision transformer's input (Dosovitskiy et al., 2021, eq. 1): each image of `pixels` [B, C, S, S] is cut into
  /// n = (S/P)² patches, each a linear map of its C·P·P pixels by `weight` [W, C, P, P]; the class embedding goes
  /// before them and position [1 + n, W] on top. y [B (1 + n), W].
  public func patchEmbedding(
    pixels: Tensor, weight: Tensor, bias: Tensor? = nil, classEmbedding: Tensor, position: Tensor
  ) -> Tensor {
    let operation = PatchEmbeddingOperation(
      pixels: pixels, weight: weight, bias: bias, classEmbedding: classEmbedding, position: position, engine: engine,
      tracked: tracks(weight, bias, classEmbedding, position))
    operation.forward(self)
    if tracks(weight, bias, classEmbedding, position) { record(operation) }
    return operation.y
  }
}

private struct TokenEmbeddingOperation: DifferentiableOperation {
  let ids: [Int32], offsets: [Int], table: Tensor, position: Tensor, y: Tensor

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    let columns = table.columns
    let isKept = engine.unitGradients?.keep(table, ids: ids.map(Int.init), dy: dy) == true
    let dtable = isKept ? nil : engine.zeroedGradientTarget(table)
    let dposition = engine.zeroedGradientTarget(position)
    // Columns are divided over threads: the same id may occur in many rows.
    engine.overColumns(columns, rows: ids.count) { range in
      let first = range.lowerBound
      for segment in 0..<max(offsets.count - 1, 0) {
        for row in offsets[segment]..<offsets[segment + 1] {
          let source = dy.floats + row * columns + first
          if let dtable {
            let out = dtable.floats + Int(ids[row]) * columns + first
            engine.kernels.add(range.count, out, source, out)
          }
          if let dposition {
            let out = dposition.floats + (row - offsets[segment]) * columns + first
            engine.kernels.add(range.count, out, source, out)
          }
        }
      }
    }
  }
}

/// The pixels are kept, which the caller holds anyway, and cut into patches again for the weight's gradient.
private struct PatchEmbeddingOperation: DifferentiableOperation {
  let pixels: Tensor
  let weight: Tensor, bias: Tensor?, classEmbedding: Tensor, position: Tensor
  let y: Tensor
  let imageCount: Int, patchCount: Int

  init(
    pixels: Tensor, weight: Tensor, bias: Tensor?, classEmbedding: Tensor, position: Tensor, engine: Engine,
    tracked: Bool
  ) {
    precondition(
      pixels.shape.count == 4 && weight.shape.count == 4 && pixels.shape[1] == weight.shape[1]
        && pixels.shape[2] % weight.shape[2] == 0 && pixels.shape[3] % weight.shape[3] == 0,
      "patchEmbedding: pixels \(pixels.shape), weight \(weight.shape)")
    self.pixels = pixels
    (self.weight, self.bias, self.classEmbedding, self.position) = (weight, bias, classEmbedding, position)
    let patch = weight.shape[2]
    imageCount = pixels.shape[0]
    patchCount = (pixels.shape[2] / patch) * (pixels.shape[3] / patch)
    precondition(position.rows == patchCount + 1, "patchEmbedding: \(patchCount) patches, position \(position.shape)")
    y = engine.tensor([imageCount * (1 + patchCount), weight.shape[0]], requiresGradient: tracked)
  }

  /// The patches' pixels [B n, C P P].
  private func cut(_ engine: Engine) -> Tensor {
    let side = weight.shape[2]
    let grid = PatchGrid(rows: pixels.shape[2] / side, columns: pixels.shape[3] / side)
    return engine.patches(pixels, side: side, grids: [PatchGrid](repeating: grid, count: imageCount))
  }

  func forward(_ tape: Tape) {
    let (engine, columns) = (tape.engine, y.columns)
    let patches = cut(engine)
    let embedded = engine.tensor([patches.rows, columns])
    engine.multiply(.init(patches), .init(tape.factor(weight: weight), transposed: true), into: embedded)
    engine.overRows(imageCount, columns: columns * (1 + patchCount)) { range in
      for image in range {
        let out = y.floats + image * (1 + patchCount) * columns
        engine.kernels.add(columns, classEmbedding.floats, position.floats, out)
        engine.kernels.add(
          patchCount * columns, embedded.floats + image * patchCount * columns, position.floats + columns, out + columns
        )
        guard let bias else { continue }
        engine.kernels.bias_activation(Activation.none.code, patchCount, columns, bias.floats, out + columns, out)
      }
    }
  }

  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    let (columns, block) = (y.columns, (1 + patchCount) * y.columns)
    if let target = engine.gradientTarget(position) {
      engine.overColumns(block, rows: imageCount) { range in
        engine.kernels.column_sums(
          imageCount, block, range.lowerBound, range.upperBound, dy.floats, target.floats, target.accumulate)
      }
    }
    if let target = engine.gradientTarget(classEmbedding) {
      engine.kernels.column_sums(imageCount, block, 0, columns, dy.floats, target.floats, target.accumulate)
    }
    guard weight.requiresGradient || bias?.requiresGradient == true else { return }
    let dembedded = engine.tensor([imageCount * patchCount, columns])
    for image in 0..<imageCount {
      memcpy(
        dembedded.floats + image * patchCount * columns, dy.floats + image * block + columns, patchCount * columns * 4)
    }
    weightGradient(dembedded, engine)
    if let bias, let target = engine.gradientTarget(bias) {
      engine.kernels.column_sums(
        dembedded.rows, columns, 0, columns, dembedded.floats, target.floats, target.accumulate)
    }
  }

  private func weightGradient(_ dembedded: Tensor, _ engine: Engine) {
    guard weight.requiresGradient else { return }
    let (patches, dy) = (cut(engine), engine.precision == .bf16 ? engine.bfloat16(dembedded) : dembedded)
    if engine.unitGradients?.keep(weight, x: patches, dy: dy) == true { return }
    guard let target = engine.gradientTarget(weight) else { return }
    engine.multiply(.init(dy, transposed: true), .init(patches), into: target.tensor, accumulates: target.accumulates)
  }
}
