internal import CKernels

/// A sum of rows, each with a weight.
public struct RowMixture: Sendable, Equatable {
  public let terms: [(row: Int, weight: Float)]

  public init(_ terms: [(row: Int, weight: Float)]) { self.terms = terms.filter { $0.weight != 0 } }

  /// The row alone.
  public init(row: Int) { terms = [(row, 1)] }

  public static func == (a: RowMixture, b: RowMixture) -> Bool { a.terms.elementsEqual(b.terms, by: ==) }
}

extension Tape {
  /// y[i] = Σ weight · x[row] over the terms of mixture i: x [N, W] → [number of mixtures, W].
  /// - Parameter tokens: what results and rows are. To a record of attentions this is one whose probabilities are the weights.
  public func mixRows(
    _ x: Tensor, _ mixtures: [RowMixture], tokens: (results: TokenStreams, rows: TokenStreams)? = nil
  ) -> Tensor {
    let x = float32(x)
    precondition(
      mixtures.allSatisfy { $0.terms.allSatisfy { $0.row >= 0 && $0.row < x.rows } },
      "mixRows: a term leaves the \(x.rows) rows")
    let columns = x.columns
    let map = tokens.flatMap { attentionRecord?.next(mixtures, of: x, results: $0.results, rows: $0.rows, engine) }
    let tracked = map == nil ? tracks(x) : isRecording
    let y = engine.tensor([mixtures.count, columns], requiresGradient: tracked)
    engine.overRows(mixtures.count, columns: columns) { range in
      for row in range {
        let out = y.floats + row * columns
        for column in 0..<columns { out[column] = 0 }
        for term in mixtures[row].terms {
          engine.kernels.scale(columns, term.weight, x.floats + term.row * columns, out, 1)
        }
      }
    }
    if tracked { record(MixRowsOperation(x: x, mixtures: mixtures, y: y, map: map)) }
    return y
  }
}

private struct MixRowsOperation: DifferentiableOperation {
  let x: Tensor, mixtures: [RowMixture], y: Tensor
  /// Where it is kept as an attention.
  let map: AttentionMap?

  // dx[row] += weight · dy[i]. Columns, not rows, are divided over threads: two mixtures may have a row in common.
  func backward(_ engine: Engine) {
    guard let dy = y.gradient else { return }
    map?.writeGradient(dy, values: x, engine)
    guard let target = engine.zeroedGradientTarget(x) else { return }
    let columns = x.columns
    engine.overColumns(columns, rows: mixtures.count) { range in
      for (index, mixture) in mixtures.enumerated() {
        let source = dy.floats + index * columns + range.lowerBound
        for term in mixture.terms {
          engine.kernels.scale(
            range.count, term.weight, source, target.floats + term.row * columns + range.lowerBound, 1)
        }
      }
    }
  }
}
