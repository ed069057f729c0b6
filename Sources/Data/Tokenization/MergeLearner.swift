/// The state of a BPE training run: the words as they are cut now, and how often each pair of neighbours occurs.
///
/// A merge touches only the words that hold its pair; their old pairs are taken out of the counts and their new pairs
/// put in. Most frequent pairs come from a heap whose entries are checked against the counts as they come out.
struct MergeLearner {
  /// The bytes a token stands for, ordered as ties are broken.
  struct Token: Comparable {
    var bytes: [UInt8]
    var endsWord: Bool

    static func < (left: Token, right: Token) -> Bool {
      if left.bytes == right.bytes { return !left.endsWord && right.endsWord }
      return left.bytes.lexicographicallyPrecedes(right.bytes)
    }
  }

  private(set) var tokens: [Token]
  private(set) var merges: [(left: Int, right: Int)] = []

  private var words: [(symbols: [Int32], count: Int)] = []
  private var pairCounts: [Pair: Int] = [:]
  /// The words in which a pair occurs, or has occurred.
  private var pairWords: [Pair: [Int32]] = [:]
  private var candidates = Heap<Candidate>()
  /// Different merges may make the same token; it gets one id.
  private var idsByBytes: [[UInt8]: Int32] = [:]

  init(words counted: [(word: [UInt8], count: Int)]) {
    tokens = [false, true].flatMap { endsWord in
      ByteSymbols.order.map { Token(bytes: [$0], endsWord: endsWord) }
    }
    var symbols = [Int32](repeating: 0, count: 256)
    for (index, byte) in ByteSymbols.order.enumerated() { symbols[Int(byte)] = Int32(index) }
    words = counted.map { word, count in
      let ids = word.enumerated().map { symbols[Int($1)] + ($0 == word.count - 1 ? 256 : 0) }
      return (ids, count)
    }
    for index in words.indices { addPairs(ofWord: index) }
    for pair in pairCounts.keys { enqueue(pair) }
  }

  /// Makes the next merge.
  ///
  /// - Returns: False if no pair occurs `minimumFrequency` times any more.
  mutating func learnMerge(minimumFrequency: Int) -> Bool {
    while let candidate = candidates.popMinimum() {
      let count = pairCounts[candidate.pair] ?? 0
      if candidate.count == count, count >= minimumFrequency {
        merge(candidate.pair)
        return true
      }
      // A pair that became rarer goes back to its place; one that became more frequent is in the heap again already.
      if count < candidate.count, count >= minimumFrequency { enqueue(candidate.pair) }
    }
    return false
  }

  private mutating func merge(_ pair: Pair) {
    let product = product(of: pair)
    merges.append((Int(pair.left), Int(pair.right)))
    var changed: Set<Pair> = []
    // An index may be there several times; after the first, the word no longer holds the pair.
    for index in pairWords.removeValue(forKey: pair) ?? [] {
      let old = words[Int(index)].symbols
      let new = Self.replacing(pair, by: product, in: old)
      if new.count == old.count { continue }
      removePairs(ofWord: Int(index))
      words[Int(index)].symbols = new
      addPairs(ofWord: Int(index))
      for pair in zip(new, new.dropFirst()).map(Pair.init) where pair.left == product || pair.right == product {
        changed.insert(pair)
      }
    }
    for pair in changed { enqueue(pair) }
  }

  private mutating func product(of pair: Pair) -> Int32 {
    let left = tokens[Int(pair.left)]
    let right = tokens[Int(pair.right)]
    let token = Token(bytes: left.bytes + right.bytes, endsWord: right.endsWord)
    let key = ByteSymbols.write(token.bytes, endsWord: token.endsWord)
    if let id = idsByBytes[key] { return id }
    tokens.append(token)
    idsByBytes[key] = Int32(tokens.count - 1)
    return Int32(tokens.count - 1)
  }

  private static func replacing(_ pair: Pair, by product: Int32, in symbols: [Int32]) -> [Int32] {
    var result: [Int32] = []
    result.reserveCapacity(symbols.count)
    var position = 0
    while position < symbols.count {
      if position + 1 < symbols.count, symbols[position] == pair.left, symbols[position + 1] == pair.right {
        result.append(product)
        position += 2
      } else {
        result.append(symbols[position])
        position += 1
      }
    }
    return result
  }

  // MARK: Counts

  private mutating func addPairs(ofWord index: Int) {
    let word = words[index]
    for pair in zip(word.symbols, word.symbols.dropFirst()).map(Pair.init) {
      pairCounts[pair, default: 0] += word.count
      if pairWords[pair]?.last != Int32(index) { pairWords[pair, default: []].append(Int32(index)) }
    }
  }

  private mutating func removePairs(ofWord index: Int) {
    let word = words[index]
    for pair in zip(word.symbols, word.symbols.dropFirst()).map(Pair.init) {
      let rest = (pairCounts[pair] ?? 0) - word.count
      pairCounts[pair] = rest > 0 ? rest : nil
    }
  }

  private mutating func enqueue(_ pair: Pair) {
    guard let count = pairCounts[pair] else { return }
    candidates.insert(
      Candidate(count: count, pair: pair, left: tokens[Int(pair.left)], right: tokens[Int(pair.right)]))
  }
}

/// Two neighbouring symbols.
private struct Pair: Hashable {
  let left: Int32
  let right: Int32
}

/// A pair as it stood in the counts when it was put into the heap; the best candidate is the smallest.
private struct Candidate: Comparable {
  let count: Int
  let pair: Pair
  let left: MergeLearner.Token
  let right: MergeLearner.Token

  static func < (one: Candidate, other: Candidate) -> Bool {
    if one.count != other.count { return one.count > other.count }
    return one.left != other.left ? one.left < other.left : one.right < other.right
  }
}
