/// Turns captions into ids and back. Values are immutable, so any number of loader threads may share one.
public protocol Tokenizer: Sendable {
  /// Ids are 0 ..< vocabularySize: the token embedding has this many rows.
  var vocabularySize: Int { get }
  /// The id that opens every encoded text.
  var startToken: Int32 { get }
  /// The id that closes every encoded text.
  var endToken: Int32 { get }
  /// The id to fill unused places with.
  var padToken: Int32 { get }
  /// What masking has to know of the tokens.
  var maskingVocabulary: MaskingVocabulary { get }
  /// The bytes of the `tokenizer.json` this tokenizer was read from, for callers that keep a user's file verbatim.
  var sourceJSON: [UInt8]? { get }

  /// The ids of a text, not counting start and end; stops early once `limit` ids are there.
  func encodeBody(_ text: String, limit: Int) -> [Int32]
  /// The text of some ids; start, end and other special tokens leave no trace, unknown ids are passed over.
  func decode(_ ids: [Int32]) -> String
  /// A `tokenizer.json` from which the Python library `tokenizers` makes the same ids: the source if there is one.
  func huggingFaceJSON() throws -> [UInt8]
}

extension Tokenizer {
  /// The ids of a text between start and end.
  public func encode(_ text: String) -> [Int32] {
    [startToken] + encodeBody(text, limit: .max) + [endToken]
  }

  /// At most `limit` ids, start and end among them: a longer text is cut, and the end token stays last.
  public func encode(_ text: String, limit: Int) -> [Int32] {
    precondition(limit >= 2, "a limit of \(limit) ids leaves no room for the start and the end token")
    return [startToken] + encodeBody(text, limit: limit - 2) + [endToken]
  }
}

/// Reads a `tokenizer.json` of any kind that mmtrain knows: CLIP's byte-level BPE, or BERT's WordPiece.
///
/// - Parameter path: where the bytes came from, for messages.
/// - Throws: `TokenizerError`.
public func loadTokenizer(_ tokenizerJSON: [UInt8], path: String) throws -> any Tokenizer {
  try loadTokenizer(tokenizerJSON, path: path, names: SpecialTokenNames())
}

/// - Parameter names: what the files beside it say.
func loadTokenizer(_ tokenizerJSON: [UInt8], path: String, names: SpecialTokenNames) throws -> any Tokenizer {
  let root = try JSONField(parsing: tokenizerJSON, file: path)
  if !names.added.isEmpty { try names.requireAdded(in: addedTokens(root), file: path) }
  let model = try root.member("model")
  guard let type = try model.optional("type") else {
    // The oldest published files state no type, but only BPE has merges.
    return try model.optional("merges") == nil
      ? WordPiece(root, source: tokenizerJSON) : ByteLevelBPE(root, source: tokenizerJSON)
  }
  switch try type.text() {
  case "BPE": return try ByteLevelBPE(root, source: tokenizerJSON)
  case "WordPiece": return try WordPiece(root, source: tokenizerJSON)
  default: throw type.unsupported(supported: "\"BPE\" and \"WordPiece\"")
  }
}
