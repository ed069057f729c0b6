/// The checked parts of a byte-level BPE tokenizer: everything that needs the ids of tokens by their text.
struct BPEParts {
  private(set) var rules = MergeRules()
  private(set) var merges: [(left: Int32, right: Int32)] = []
  /// The symbol of each byte inside a word, then of each byte that ends one; -1 where the vocabulary has none.
  private(set) var symbols: [Int32] = []
  private let tokens: [[UInt8]]
  private let ids: [[UInt8]: Int32]
  private let file: String

  init(_ definition: BPEDefinition, tokens: [[UInt8]]) throws {
    self.tokens = tokens
    file = definition.file
    ids = Dictionary(zip(tokens, tokens.indices.map(Int32.init))) { first, _ in first }
    try checkSpelling(except: Set(definition.added.map(\.content)))
    let wordEnds = [false, true]
    symbols = wordEnds.flatMap { endsWord in
      (0...255).map { ids[ByteSymbols.write([$0], endsWord: endsWord)] ?? -1 }
    }
    merges.reserveCapacity(definition.merges.count)
    for (index, merge) in definition.merges.enumerated() {
      try append(merge, place: { definition.mergePlace(index) })
    }
  }

  func id(of token: NamedToken) throws -> Int32 { try token.resolve(in: ids, file: file) }

  /// The words whose merges end in a single token, with its id.
  func wholeWords() -> [[UInt8]: Int32] {
    var words: [[UInt8]: Int32] = [:]
    var merger = WordMerger()
    for (id, token) in tokens.enumerated() {
      guard let word = ByteSymbols.read(token), word.endsWord else { continue }
      merger.symbols = word.bytes.dropLast().map { symbols[Int($0)] }
      if let last = word.bytes.last { merger.symbols.append(symbols[256 + Int(last)]) }
      merger.merge(rules)
      if merger.symbols == [Int32(id)] { words[word.bytes] = Int32(id) }
    }
    return words
  }

  /// Every token but the added ones must be written in byte symbols.
  private func checkSpelling(except added: Set<[UInt8]>) throws {
    for (id, token) in tokens.enumerated() where ByteSymbols.read(token) == nil && !added.contains(token) {
      throw TokenizerError.unreadableToken(file: file, token: String(decoding: token, as: UTF8.self), id: id)
    }
  }

  private mutating func append(_ merge: (left: [UInt8], right: [UInt8]), place: () -> String) throws {
    func known(_ token: [UInt8]) throws -> Int32 {
      if let id = ids[token] { return id }
      let text = String(decoding: token, as: UTF8.self)
      throw TokenizerError.mergeOfUnknownToken(file: file, place: place(), token: text)
    }
    let left = try known(merge.left)
    let right = try known(merge.right)
    guard rules.append(left: left, right: right, product: try known(merge.left + merge.right)) else {
      let text = String(decoding: merge.left + [0x20] + merge.right, as: UTF8.self)
      throw TokenizerError.duplicateMerge(file: file, place: place(), text: text)
    }
    merges.append((left, right))
  }
}
