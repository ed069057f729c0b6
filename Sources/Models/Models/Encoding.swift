public import TensorEngine

/// Packed texts: the ids of all of them end to end, text i at offsets[i] ..< offsets[i + 1].
public struct PackedText: Sendable {
  public let ids: [Int32]
  public let offsets: [Int]
  /// The type of each token, for an encoder that knows several; nil where all are of the first, as texts of the loader's are.
  public let types: [Int32]?

  public init(ids: [Int32], offsets: [Int], types: [Int32]? = nil) {
    (self.ids, self.offsets, self.types) = (ids, offsets, types)
  }

  /// The ids of each text.
  public init(_ texts: some Sequence<[Int32]>) {
    var (ids, offsets): ([Int32], [Int]) = ([], [0])
    for text in texts {
      ids += text
      offsets.append(ids.count)
    }
    self.init(ids: ids, offsets: offsets)
  }

  public var count: Int { offsets.count - 1 }

  /// Some of the texts, in order.
  public subscript(texts: Range<Int>) -> PackedText {
    let start = offsets[texts.lowerBound]
    return PackedText(
      ids: Array(ids[start..<offsets[texts.upperBound]]),
      offsets: offsets[texts.lowerBound...texts.upperBound].map { $0 - start },
      types: types.map { Array($0[start..<offsets[texts.upperBound]]) })
  }

  /// The row that each text is pooled at, as transformers does it: where the end token first stands; at the first row of a
  /// text without it. With `TextShape.largestTokenEnds` it is where the largest id first stands.
  func endRows(_ endToken: Int32) -> [Int] {
    (0..<count).map { text in
      let rows = offsets[text]..<offsets[text + 1]
      guard endToken != TextShape.largestTokenEnds else {
        return rows.reduce(rows.lowerBound) { ids[$1] > ids[$0] ? $1 : $0 }
      }
      return rows.first { ids[$0] == endToken } ?? rows.lowerBound
    }
  }
}

/// Which tokens' states an encoding holds.
public enum EncodedTokens: Sendable {
  /// All: for layers that join modalities.
  case all
  /// What features are made of is enough: where one token stands for a segment, the last block is computed for it alone; a
  /// tower that takes the mean over all tokens gives them all, or their mean.
  case pooled
}

/// What an encoder makes of a batch.
public struct Encoding {
  /// The normalized states of all tokens, or of the pooled ones, a segment each [T, W].
  public let states: Tensor
  /// Segment i (an image, a text) holds the rows offsets[i] ..< offsets[i + 1].
  public let offsets: [Int]
  /// The rows whose mean is each segment's pooled state: its class or end token alone, or all of its tokens.
  public let pooledRows: [Range<Int>]

  public init(states: Tensor, offsets: [Int], pooledRows: [Range<Int>]) {
    (self.states, self.offsets, self.pooledRows) = (states, offsets, pooledRows)
  }

  /// Of segments with a token each that stands for them.
  public init(states: Tensor, offsets: [Int], pooledAt rows: [Int]) {
    self.init(states: states, offsets: offsets, pooledRows: rows.map { $0..<$0 + 1 })
  }

  /// Of segments that all their tokens stand for.
  public init(pooledOverAll states: Tensor, offsets: [Int]) {
    self.init(states: states, offsets: offsets, pooledRows: zip(offsets, offsets.dropFirst()).map { $0..<$1 })
  }

  /// Of states that are the pooled ones alone.
  public init(pooled states: Tensor) {
    self.init(states: states, offsets: Array(0...states.rows), pooledAt: Array(0..<states.rows))
  }

  public var count: Int { pooledRows.count }

  /// The pooled states [B, W].
  public func pooled(_ tape: Tape) -> Tensor { count == states.rows ? states : tape.pool(states, pooledRows) }

  /// The encoding of some of the segments, in the order given.
  public func selecting(_ segments: [Int], _ tape: Tape) -> Encoding {
    if segments == Array(pooledRows.indices) { return self }
    let rows = segments.flatMap { offsets[$0]..<offsets[$0 + 1] }
    let starts = segments.reduce(into: [0]) { $0.append($0[$0.count - 1] + offsets[$1 + 1] - offsets[$1]) }
    return Encoding(
      states: tape.gatherRows(states, rows), offsets: starts,
      pooledRows: zip(starts, segments).map { pooledRows[$1].shifted(by: $0 - offsets[$1]) })
  }

  /// Where the pooled rows begin and end, counted from the first row of their segments: two numbers a segment.
  public var relativePooledRows: [Int] {
    zip(offsets, pooledRows).flatMap { [$1.lowerBound - $0, $1.upperBound - $0] }
  }

  /// - Parameter relative: as `relativePooledRows` has them.
  public init(states: Tensor, offsets: [Int], relativePooledRows relative: [Int]) {
    self.init(
      states: states, offsets: offsets,
      pooledRows: offsets.dropLast().enumerated().map { segment, start in
        start + relative[2 * segment]..<start + relative[2 * segment + 1]
      })
  }
}

extension Range<Int> {
  func shifted(by distance: Int) -> Range<Int> { lowerBound + distance..<upperBound + distance }
}

extension Tape {
  /// The mean of the rows of each range: x [T, W] → [number of ranges, W].
  func pool(_ x: Tensor, _ ranges: [Range<Int>]) -> Tensor {
    let rows = ranges.flatMap { $0 }
    let gathered = rows.elementsEqual(0..<x.rows) ? x : gatherRows(x, rows)
    guard ranges.contains(where: { $0.count != 1 }) else { return gathered }
    return meanPool(gathered, offsets: ranges.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
  }
}

/// Which text of an encoding meets which image of another.
public struct ImageTextPair: Sendable, Equatable {
  public let image: Int
  public let text: Int

  public init(image: Int, text: Int) { (self.image, self.text) = (image, text) }
}

/// What a join makes of pairs: states of each modality that know the other one.
public struct JointStates {
  public let images: Encoding
  public let texts: Encoding
  /// The segments of each pair: several pairs may share one that no layer has changed.
  public let imageOfPair: [Int]
  public let textOfPair: [Int]
  /// What stands for each pair [pairs, W], where the join makes it; nil where the model makes it of the states.
  public let vectors: Tensor?

  public init(images: Encoding, texts: Encoding, imageOfPair: [Int], textOfPair: [Int], vectors: Tensor? = nil) {
    (self.images, self.texts, self.vectors) = (images, texts, vectors)
    (self.imageOfPair, self.textOfPair) = (imageOfPair, textOfPair)
  }
}
