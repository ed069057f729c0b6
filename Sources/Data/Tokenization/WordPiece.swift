/// BERT's tokenizer: each word is cut into the longest pieces that the vocabulary holds, from left to right.
///
/// The ids equal those of the Python library `tokenizers` for the same `tokenizer.json`.
/// Source: Devlin et al., "BERT: Pre-training of Deep Bidirectional Transformers for Language Understanding", 2019.
public struct WordPiece: Tokenizer {
  public let vocabularySize: Int
  /// `[CLS]`.
  public let startToken: Int32
  /// `[SEP]`.
  public let endToken: Int32
  /// That of the file's section `padding`, else `[PAD]`, or the end token where there is none.
  public let padToken: Int32
  public var sourceJSON: [UInt8]? { source }

  private let source: [UInt8]
  private let tokens: [[UInt8]]
  private let ids: [[UInt8]: Int32]
  private let unknownToken: Int32
  private let prefix: [UInt8]
  private let maximumWordLength: Int
  /// No piece has more scalars than this: longer ones need not be looked up.
  private let maximumPieceLength: Int
  private let text: BERTText
  private let rawTokens: AddedTokens
  private let normalizedTokens: AddedTokens
  private let specialIds: Set<Int32>

  /// Reads Hugging Face's single file.
  ///
  /// - Parameter path: where the bytes came from, for messages.
  /// - Throws: `TokenizerError`, also for a file that asks for anything else than BERT's rules.
  public init(huggingFaceJSON bytes: [UInt8], path: String = "tokenizer.json") throws {
    try self.init(try JSONField(parsing: bytes, file: path), source: bytes)
  }

  init(_ root: JSONField, source: [UInt8]) throws {
    let model = try root.member("model")
    try model.require("type", "WordPiece", absent: "WordPiece")
    try root.member("pre_tokenizer").require("type", "BertPreTokenizer")
    let listed = try addedTokens(root)
    let tokens = try TokenIds(file: root.file, vocabulary: model.member("vocab").vocabulary(), added: listed).tokens()
    let ids = Dictionary(zip(tokens, tokens.indices.map(Int32.init))) { first, _ in first }
    let (start, end) = try textEnds(root.member("post_processor"), pairs: "BertProcessing")
    let text = try BERTText(root.member("normalizer"))
    let unknown = NamedToken(text: try model.member("unk_token").utf8(), key: "model.unk_token")
    let added = listed.map { AddedToken(content: $0.content, id: Int32($0.id), isNormalized: $0.isNormalized) }

    self.tokens = tokens
    self.ids = ids
    self.text = text
    vocabularySize = tokens.count
    self.source = source
    startToken = try start.resolve(in: ids, file: root.file)
    endToken = try end.resolve(in: ids, file: root.file)
    padToken = try paddingId(root, vocabularySize: tokens.count) ?? ids[Array("[PAD]".utf8)] ?? endToken
    unknownToken = try unknown.resolve(in: ids, file: root.file)
    prefix = try model.member("continuing_subword_prefix").utf8()
    maximumWordLength = try model.member("max_input_chars_per_word").id()
    maximumPieceLength = tokens.map(\.count).max() ?? 0
    rawTokens = AddedTokens(added.filter { !$0.isNormalized })
    normalizedTokens = AddedTokens(
      added.filter(\.isNormalized).map {
        AddedToken(content: utf8(text.normalize($0.content)), id: $0.id, isNormalized: true)
      })
    specialIds = Set(added.map(\.id) + [startToken, endToken]).subtracting([unknownToken])
  }

  public var maskingVocabulary: MaskingVocabulary {
    MaskingVocabulary(
      tokens: tokens, mask: ids[Array("[MASK]".utf8)], start: startToken, specials: specialIds.union([unknownToken]),
      continuation: prefix)
  }

  public func encodeBody(_ text: String, limit: Int) -> [Int32] {
    var ids: [Int32] = []
    let bytes = Array(text.utf8)
    for part in rawTokens.split(bytes) {
      if ids.count >= limit { break }
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range): encode(normalized: utf8(self.text.normalize(bytes[range])), limit, &ids)
      }
    }
    if ids.count > limit { ids.removeLast(ids.count - limit) }
    return ids
  }

  private func encode(normalized bytes: [UInt8], _ limit: Int, _ ids: inout [Int32]) {
    for part in normalizedTokens.split(bytes) {
      if ids.count >= limit { return }
      switch part {
      case .token(let id): ids.append(id)
      case .text(let range):
        text.forEachWord(in: Array(String(decoding: bytes[range], as: UTF8.self).unicodeScalars)) { word in
          ids.append(contentsOf: pieces(of: word))
          return ids.count < limit
        }
      }
    }
  }

  /// The longest pieces from left to right; a word that cannot be made of pieces is unknown as a whole.
  private func pieces(of word: [Unicode.Scalar]) -> [Int32] {
    guard word.count <= maximumWordLength else { return [unknownToken] }
    var result: [Int32] = []
    var start = 0
    while start < word.count {
      var end = min(word.count, start + maximumPieceLength)
      var piece: Int32?
      while end > start, piece == nil {
        piece = ids[(start > 0 ? prefix : []) + utf8(word[start..<end])]
        if piece == nil { end -= 1 }
      }
      guard let piece else { return [unknownToken] }
      result.append(piece)
      start = end
    }
    return result
  }

  /// Words come back with spaces between them, in the form that the normalizer left.
  public func decode(_ ids: [Int32]) -> String {
    var bytes: [UInt8] = []
    for id in ids where id >= 0 && id < tokens.count && !specialIds.contains(id) {
      let token = tokens[Int(id)]
      if !bytes.isEmpty, token.starts(with: prefix) {
        bytes.append(contentsOf: token.dropFirst(prefix.count))
      } else {
        if !bytes.isEmpty { bytes.append(0x20) }
        bytes.append(contentsOf: token)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The file that the tokenizer was read from.
  public func huggingFaceJSON() -> [UInt8] { source }
}

extension BERTText {
  fileprivate init(_ normalizer: JSONField) throws {
    try normalizer.require("type", "BertNormalizer")
    cleansText = try normalizer.member("clean_text").flag()
    separatesChinese = try normalizer.member("handle_chinese_chars").flag()
    lowercases = try normalizer.member("lowercase").flag()
    stripsAccents = try normalizer.optional("strip_accents")?.flag() ?? lowercases
  }
}

private func utf8(_ scalars: some Sequence<Unicode.Scalar>) -> [UInt8] {
  var bytes: [UInt8] = []
  for scalar in scalars { bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter) }
  return bytes
}
