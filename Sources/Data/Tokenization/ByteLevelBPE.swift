/// CLIP's tokenizer: byte-pair encoding over bytes, words ending in `</w>`, text in lower case.
///
/// The ids equal those of the Python library `tokenizers` for the same `tokenizer.json`; docs/tokenizers.md has the rules.
/// Source: Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", ACL 2016; Radford et al.,
/// "Learning Transferable Visual Models From Natural Language Supervision", ICML 2021.
public struct ByteLevelBPE: Tokenizer {
  public let vocabularySize: Int
  public let startToken: Int32
  public let endToken: Int32
  /// The end token if the files name no other, as Hugging Face pads CLIP's texts. Under CLIP's causal mask what follows
  /// the end has no effect.
  public internal(set) var padToken: Int32
  public let sourceJSON: [UInt8]?

  /// Token texts by id, in byte symbols.
  let tokens: [[UInt8]]
  /// The merges in order of rank.
  let merges: [(left: Int32, right: Int32)]
  let added: [AddedToken]
  let unknownToken: Int32?

  private let rules: MergeRules
  /// The symbol of each byte inside a word, then of each byte that ends one; -1 where the vocabulary has none.
  private let symbols: [Int32]
  /// Words that are one token in the end: most of what captions consist of. Known from the start, so that threads
  /// share it without a lock.
  private let wholeWords: [[UInt8]: Int32]
  private let rawTokens: AddedTokens
  private let normalizedTokens: AddedTokens
  private let specialIds: Set<Int32>
  private let endsWordsAtSpecials: Bool

  init(_ definition: BPEDefinition, source: [UInt8]? = nil) throws {
    let tokens = try TokenIds(
      file: definition.file, vocabulary: definition.vocabulary, added: definition.added
    ).tokens()
    let parts = try BPEParts(definition, tokens: tokens)
    self.tokens = tokens
    vocabularySize = tokens.count
    sourceJSON = source
    startToken = try parts.id(of: definition.start)
    endToken = try parts.id(of: definition.end)
    padToken = try definition.pad.map { try parts.id(of: $0) } ?? endToken
    unknownToken = try definition.unknown.map { try parts.id(of: NamedToken(text: $0, key: "model.unk_token")) }
    merges = parts.merges
    rules = parts.rules
    symbols = parts.symbols
    wholeWords = parts.wholeWords()
    added = definition.added.map {
      AddedToken(content: $0.content, id: Int32($0.id), isNormalized: $0.isNormalized)
    }
    rawTokens = AddedTokens(added.filter { !$0.isNormalized })
    normalizedTokens = AddedTokens(
      added.filter(\.isNormalized).map {
        AddedToken(content: CaptionText.normalize($0.content), id: $0.id, isNormalized: true)
      })
    specialIds = Set(added.map(\.id) + [startToken, endToken])
    endsWordsAtSpecials = definition.endsWordsAtSpecials
  }

  public var maskingVocabulary: MaskingVocabulary {
    MaskingVocabulary(
      tokens: tokens, mask: nil, start: startToken, specials: specialIds, ending: Array("</w>".utf8))
  }

  public func encodeBody(_ text: String, limit: Int) -> [Int32] {
    var ids: [Int32] = []
    var scratch = Scratch()
    let utf8 = Array(text.utf8)
    for part in rawTokens.split(utf8) {
      if ids.count >= limit { break }
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range): encode(normalized: CaptionText.normalize(utf8[range]), limit, &scratch, &ids)
      }
    }
    if ids.count > limit { ids.removeLast(ids.count - limit) }
    return ids
  }

  private func encode(normalized utf8: [UInt8], _ limit: Int, _ scratch: inout Scratch, _ ids: inout [Int32]) {
    for part in normalizedTokens.split(utf8) {
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        let words = range.count == utf8.count ? utf8 : Array(utf8[range])
        CaptionText.forEachWord(in: words, endsAtSpecials: endsWordsAtSpecials) { word in
          encode(word: words[word], &scratch, &ids)
          return ids.count < limit
        }
      }
      if ids.count >= limit { return }
    }
  }

  private func encode(word: ArraySlice<UInt8>, _ scratch: inout Scratch, _ ids: inout [Int32]) {
    scratch.word.removeAll(keepingCapacity: true)
    scratch.word.append(contentsOf: word)
    if let id = wholeWords[scratch.word] {
      ids.append(id)
      return
    }
    scratch.merger.symbols.removeAll(keepingCapacity: true)
    for (index, byte) in scratch.word.enumerated() {
      let symbol = symbols[Int(byte) + (index == scratch.word.count - 1 ? 256 : 0)]
      if symbol >= 0 {
        scratch.merger.symbols.append(symbol)
      } else if let unknownToken {
        scratch.merger.symbols.append(unknownToken)
      }
    }
    scratch.merger.merge(rules)
    ids.append(contentsOf: scratch.merger.symbols)
  }

  public func decode(_ ids: [Int32]) -> String {
    var bytes: [UInt8] = []
    for id in ids where id >= 0 && id < tokens.count && !specialIds.contains(id) {
      guard let token = ByteSymbols.read(tokens[Int(id)]) else { continue }
      bytes.append(contentsOf: token.bytes)
      if token.endsWord { bytes.append(0x20) }
    }
    if bytes.last == 0x20 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// What one call of `encode` works in.
private struct Scratch {
  var word: [UInt8] = []
  var merger = WordMerger()
}
