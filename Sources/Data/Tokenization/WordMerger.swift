/// A pair of neighbours that becomes one symbol: the lower the rank, the earlier.
struct MergeRule: Sendable {
  let rank: Int32
  let product: Int32
}

/// The merges of a vocabulary, by the ids of the pair.
struct MergeRules: Sendable {
  private var rules: [UInt64: MergeRule] = [:]

  /// Adds a rule of the next rank.
  ///
  /// - Returns: False if the pair has a rule already.
  mutating func append(left: Int32, right: Int32, product: Int32) -> Bool {
    let rule = MergeRule(rank: Int32(rules.count), product: product)
    let old = rules.updateValue(rule, forKey: Self.key(left, right))
    return old == nil
  }

  subscript(left: Int32, right: Int32) -> MergeRule? { rules[Self.key(left, right)] }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}

/// Room to merge the symbols of one word in; kept between words so that nothing is allocated again.
///
/// Always the merge of the lowest rank, and of those the leftmost, one at a time, as in `tokenizers`. A word of n bytes
/// takes n log n steps, however long it is.
struct WordMerger {
  /// The symbols of the word; after `merge`, what is left of them in the order of the word.
  var symbols: [Int32] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var isAlive: [Bool] = []
  /// Rank and position of a possible merge in one number.
  private var queue = Heap<UInt64>()

  mutating func merge(_ rules: MergeRules) {
    let count = symbols.count
    guard count > 1 else { return }
    link(count)
    queue.removeAll()
    for position in 0..<count - 1 { enqueue(position, rules) }
    while let candidate = queue.popMinimum() {
      let position = Int(candidate & 0xFFFF_FFFF)
      guard isAlive[position], next[position] >= 0 else { continue }
      let right = Int(next[position])
      guard let rule = rules[symbols[position], symbols[right]], UInt64(rule.rank) == candidate >> 32 else { continue }
      join(position, right, product: rule.product)
      enqueue(position, rules)
      if previous[position] >= 0 { enqueue(Int(previous[position]), rules) }
    }
    compact()
  }

  private mutating func link(_ count: Int) {
    next.removeAll(keepingCapacity: true)
    previous.removeAll(keepingCapacity: true)
    isAlive.removeAll(keepingCapacity: true)
    for position in 0..<count {
      next.append(position + 1 < count ? Int32(position + 1) : -1)
      previous.append(Int32(position - 1))
      isAlive.append(true)
    }
  }

  private mutating func enqueue(_ position: Int, _ rules: MergeRules) {
    guard next[position] >= 0, let rule = rules[symbols[position], symbols[Int(next[position])]] else { return }
    queue.insert(UInt64(rule.rank) << 32 | UInt64(position))
  }

  private mutating func join(_ left: Int, _ right: Int, product: Int32) {
    symbols[left] = product
    isAlive[right] = false
    next[left] = next[right]
    if next[right] >= 0 { previous[Int(next[right])] = Int32(left) }
  }

  private mutating func compact() {
    var kept = 0
    for position in symbols.indices where isAlive[position] {
      symbols[kept] = symbols[position]
      kept += 1
    }
    symbols.removeLast(symbols.count - kept)
  }
}
