public import TensorEngine

/// A photo that was found.
public struct SearchHit: Sendable, Equatable {
  /// The photo's row in the index.
  public let row: Int
  public let name: String
  /// The cosine of the angle between its features and the query's.
  public let similarity: Float

  public init(row: Int, name: String, similarity: Float) {
    (self.row, self.name, self.similarity) = (row, name, similarity)
  }
}

extension FeatureFile.Table {
  /// The rows nearest to each query, the nearest first; equal ones in the order of their names' bytes. All rows are
  /// compared: nothing is approximate.
  public func nearest(_ count: Int, to queries: Features, _ engine: Engine) -> [[SearchHit]] {
    let similarities = engine.similarities(
      engine.tensor(queries.values, shape: [queries.count, queries.width]),
      engine.tensor(features.values, shape: [features.count, features.width]))
    let rows = names.count
    return similarities.withValues { values in
      (0..<queries.count).map { query in
        best(count, of: UnsafeBufferPointer(rebasing: values[query * rows..<(query + 1) * rows]))
      }
    }
  }

  /// Only what is above the worst of the best so far is put in order: of many rows hardly any is.
  private func best(_ count: Int, of values: UnsafeBufferPointer<Float>) -> [SearchHit] {
    guard count > 0 else { return [] }
    var hits: [SearchHit] = []
    var limit = -Float.infinity
    for (row, value) in values.enumerated() where value >= limit {
      hits.append(SearchHit(row: row, name: names[row], similarity: value))
      guard hits.count >= 2 * count else { continue }
      hits = Array(hits.sorted(by: isBefore).prefix(count))
      limit = hits[count - 1].similarity
    }
    return Array(hits.sorted(by: isBefore).prefix(count))
  }
}

private func isBefore(_ a: SearchHit, _ b: SearchHit) -> Bool {
  a.similarity == b.similarity
    ? a.name.utf8.lexicographicallyPrecedes(b.name.utf8) : a.similarity > b.similarity
}
