internal import Glibc

// What a recorded attention keeps, beside what it computes in the cache and forgets: P = exp(Q Kᵀ/√d − logsumexp), and in
// the backward pass dP = dy Vᵀ.

extension AttentionOperation {
  func writeProbabilities() {
    each { map, queries, keys, head in
      let column = head * inputs.headWidth
      let rows = map.probabilities.floats + head * queries.count * keys.count
      multiplyByOpenBLAS(
        MatrixOperand(start(inputs.query, queries, column), stride: inputs.query.columns),
        MatrixOperand(
          start(inputs.keyValue, keys, inputs.keyColumn + column), stride: inputs.keyValue.columns, transposed: true),
        into: rows, stride: keys.count, rows: queries.count, columns: keys.count, depth: inputs.headWidth,
        alpha: 1 / Float(inputs.headWidth).squareRoot())
      for query in 0..<queries.count {
        let row = rows + query * keys.count
        let sum = logsumexp.floats[head * y.rows + queries.lowerBound + query]
        for key in 0..<keys.count { row[key] = segments.isCausal && key > query ? 0 : expf(row[key] - sum) }
      }
    }
  }

  /// - Parameter dy: the gradient of the result.
  func writeProbabilityGradients(_ dy: Tensor, _ engine: Engine) {
    for map in maps { map.gradient = engine.tensor(map.probabilities.shape) }
    each { map, queries, keys, head in
      guard let gradient = map.gradient else { return }
      let column = head * inputs.headWidth
      multiplyByOpenBLAS(
        MatrixOperand(start(dy, queries, column), stride: dy.columns),
        MatrixOperand(
          start(inputs.keyValue, keys, inputs.valueColumn + column), stride: inputs.keyValue.columns, transposed: true),
        into: gradient.floats + head * queries.count * keys.count, stride: keys.count, rows: queries.count,
        columns: keys.count, depth: inputs.headWidth)
    }
  }

  /// Every head of every segment whose map is kept.
  private func each(
    _ body: (_ map: AttentionMap, _ queries: Range<Int>, _ keys: Range<Int>, _ head: Int) -> Void
  ) {
    guard !maps.isEmpty else { return }
    precondition(y.elementType == .float32, "attention is kept in fp32, and this pass computes in \(y.elementType)")
    for map in maps {
      let (queries, keys) = (segments.queries(map.segment), segments.keys(map.segment))
      for head in 0..<inputs.heads { body(map, queries, keys, head) }
    }
  }

  private func start(_ tensor: Tensor, _ rows: Range<Int>, _ column: Int) -> UnsafePointer<Float> {
    UnsafePointer(tensor.floats + rows.lowerBound * tensor.columns + column)
  }
}

// Rows that are mixed by weights that nothing has computed are an attention of one head, P the weights and V the rows.

extension AttentionRecord {
  func next(
    _ mixtures: [RowMixture], of x: Tensor, results: TokenStreams, rows: TokenStreams, _ engine: Engine
  ) -> AttentionMap {
    let segments = AttentionSegments(
      queryOffsets: [0, mixtures.count], keyOffsets: [0, x.rows], queryTokens: results, keyTokens: rows)
    let map = next(segments, heads: 1, engine)[0]
    map.probabilities.withMutableValues { weights in
      weights.update(repeating: 0)
      for (result, mixture) in mixtures.enumerated() {
        for term in mixture.terms { weights[result * x.rows + term.row] += term.weight }
      }
    }
    return map
  }
}

extension AttentionMap {
  func writeGradient(_ dy: Tensor, values: Tensor, _ engine: Engine) {
    let made = engine.tensor(probabilities.shape)
    multiplyByOpenBLAS(
      MatrixOperand(UnsafePointer(dy.floats), stride: dy.columns),
      MatrixOperand(UnsafePointer(values.floats), stride: values.columns, transposed: true), into: made.floats,
      stride: values.rows, rows: dy.rows, columns: values.rows, depth: values.columns)
    gradient = made
  }
}
