public import TensorEngine

/// How much of each token of a pair there is in each other one: a row says what its token is made of.
///
/// The tokens of all streams stand end to end. What papers write as a matrix for each pair of streams (R_tt, R_ti, R_it, R_ii)
/// is a block of one.
public struct TokenRelations {
  public let streams: [TokenSpan]
  /// [N, N]; a token is itself to begin with.
  var matrix: Matrix

  init(_ streams: [TokenSpan]) {
    self.streams = streams
    matrix = .identity(streams.reduce(0) { $0 + $1.count })
  }

  /// N
  public var count: Int { matrix.rows }
  /// [N, N], row by row.
  public var values: [Float] { matrix.values }

  public subscript(row: Int) -> ArraySlice<Float> { matrix.values[row * count..<(row + 1) * count] }

  /// Where the tokens of a stream stand; nil where there are none of it.
  public func places(of stream: TokenStream) -> Range<Int>? {
    guard let index = streams.firstIndex(where: { $0.stream == stream }) else { return nil }
    let start = streams[..<index].reduce(0) { $0 + $1.count }
    return start..<start + streams[index].count
  }

  /// The places of what an attention read or wrote.
  func places(of spans: [TokenSpan]) -> [Int] {
    spans.flatMap { Array(places(of: $0.stream) ?? 0..<0) }
  }
}

/// Makes relations of tokens of what attentions did.
protocol RelationRule {
  /// What one attention adds.
  /// - Parameter before: what other streams' tokens were made of when they were read.
  func apply(_ step: AttentionStep, before: TokenRelations, to relations: inout TokenRelations)
}

/// An attention, and where among all tokens those stand that it reads and writes.
struct AttentionStep {
  let map: AttentionMap
  let queries: [Int]
  let keys: [Int]

  /// Whether tokens read each other, rather than those of another stream.
  var isWithinStream: Bool { Set(keys).isSuperset(of: queries) }

  /// The mean over heads of what `value` makes of each probability and its gradient [Tq, Tk]; the gradient of what none has
  /// reached is 0.
  func meanOverHeads(_ value: (_ probability: Float, _ gradient: Float) -> Float) -> Matrix {
    let (heads, count) = (map.probabilities.shape[0], queries.count * keys.count)
    let (probabilities, gradients) = (map.probabilities.values(), map.gradient?.values())
    var made = Matrix(rows: queries.count, columns: keys.count)
    for place in 0..<count {
      let sum = (0..<heads).reduce(Float(0)) {
        $0 + value(probabilities[$1 * count + place], gradients?[$1 * count + place] ?? 0)
      }
      made.values[place] = sum / Float(heads)
    }
    return made
  }

  /// What each token that is read is made of: of the own stream's as it is now, of others' as it was.
  func read(_ relations: TokenRelations, before: TokenRelations) -> Matrix {
    let (own, all) = (Set(queries), Array(0..<relations.count))
    var made = before.matrix[keys, all]
    for (place, key) in keys.enumerated() where own.contains(key) {
      made.values.replaceSubrange(place * all.count..<(place + 1) * all.count, with: relations[key])
    }
    return made
  }
}
