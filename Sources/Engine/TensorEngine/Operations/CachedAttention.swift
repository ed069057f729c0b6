internal import Glibc

/// Keys and values of the tokens that texts have so far, a place for each of `capacity` tokens of a text: contiguous memory,
/// to which the next tokens are added, so that they attend to those before them without computing them again.
public final class KeyValueCache {
  /// The most tokens of a text.
  public let capacity: Int
  /// Tokens of each text.
  public private(set) var lengths: [Int] = []
  /// [places of texts · capacity, 2W]; and as much, to which texts are copied where their order changes.
  private var stored: Tensor?
  private var spare: Tensor?

  public init(capacity: Int) { self.capacity = capacity }

  var isEmpty: Bool { lengths.isEmpty }

  /// Text i goes on from what was text parents[i]. A cache that no token was added to yet stays as it is.
  public func select(_ parents: [Int], _ engine: Engine) {
    guard let stored else { return }
    let places = stored.rows / capacity
    precondition(parents.allSatisfy { $0 < lengths.count }, "a text goes on from \(parents) of \(lengths.count)")
    // Texts at the end that are left out leave all others where they are.
    if parents != Array(parents.indices) {
      let target = spare.flatMap { $0.rows >= parents.count * capacity ? $0 : nil }
      let copy = target ?? engine.tensor([max(places, parents.count) * capacity, stored.columns], stored.elementType)
      let bytes = stored.columns * stored.elementType.byteCount
      engine.overRows(parents.count, columns: capacity * stored.columns) { [lengths] range in
        for text in range {
          memcpy(
            copy.bytes + text * capacity * bytes, stored.bytes + parents[text] * capacity * bytes,
            lengths[parents[text]] * bytes)
        }
      }
      (self.stored, spare) = (copy, stored)
    }
    lengths = parents.map { lengths[$0] }
  }

  /// Adds the tokens offsets[i] ..< offsets[i + 1] to text i: keys and values are the last 2W columns of their rows.
  fileprivate func append(_ queryKeyValue: Tensor, _ offsets: [Int], _ engine: Engine) {
    let (texts, columns) = (offsets.count - 1, queryKeyValue.columns / 3 * 2)
    if lengths.isEmpty { lengths = [Int](repeating: 0, count: texts) }
    precondition(lengths.count == texts, "\(texts) texts go on, and \(lengths.count) are known")
    let stored = stored ?? engine.tensor([texts * capacity, columns], queryKeyValue.elementType)
    self.stored = stored
    let size = queryKeyValue.elementType.byteCount
    for text in 0..<texts {
      precondition(
        lengths[text] + offsets[text + 1] - offsets[text] <= capacity, "a text is longer than \(capacity) tokens")
      for row in offsets[text]..<offsets[text + 1] {
        memcpy(
          stored.bytes + (text * capacity + lengths[text]) * columns * size,
          queryKeyValue.bytes + (row * queryKeyValue.columns + columns / 2) * size, columns * size)
        lengths[text] += 1
      }
    }
  }

  /// The rows of all texts, and which of them each reads: its own that are filled.
  fileprivate func filled(_ queryOffsets: [Int]) -> (rows: Tensor, segments: AttentionSegments) {
    guard let stored else { preconditionFailure("an empty cache is read") }
    // Filled and free places take turns; nobody reads the free ones.
    let offsets = lengths.enumerated().flatMap { [$0.offset * capacity, $0.offset * capacity + $0.element] }
    let segments = AttentionSegments(
      queryOffsets: queryOffsets, keyOffsets: offsets + [stored.rows], keySegments: lengths.indices.map { 2 * $0 })
    return (stored, segments)
  }
}

extension Tape {
  /// Causal self-attention of the next tokens of texts, whose keys and values are added to those of the tokens before them:
  /// `queryKeyValue` [T, 3W] → [T, W]. Nothing is learnt from it.
  /// - Parameter offsets: the new tokens of each text: any number of the first ones, and one at a time after that.
  public func attention(
    queryKeyValue: Tensor, heads: Int, offsets: [Int], after cache: KeyValueCache
  ) -> Tensor {
    precondition(!isRecording, "a cache is for texts that are continued, and nothing is learnt from these")
    let isFirst = cache.isEmpty
    cache.append(queryKeyValue, offsets, engine)
    guard !isFirst else {
      return attention(
        queryKeyValue: queryKeyValue, heads: heads, segments: AttentionSegments(offsets: offsets, isCausal: true))
    }
    precondition(offsets == Array(offsets.indices), "texts that are known go on by one token each")
    let (rows, segments) = cache.filled(offsets)
    return attention(
      AttentionOperation.Inputs(
        query: queryKeyValue, keyValue: rows, width: queryKeyValue.columns / 3, heads: heads), segments, dropout: nil)
  }
}
