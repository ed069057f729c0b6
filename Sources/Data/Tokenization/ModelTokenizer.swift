/// The tokenizer of a model's directory, from whichever files it has: `tokenizer.json`, else `vocab.json` with
/// `merges.txt` (CLIP), else `vocab.txt` (BERT). Beside the last two, `special_tokens_map.json` and
/// `tokenizer_config.json` name the special tokens and say whether texts become lower case, and `added_tokens.json` or the
/// second of them lists words that were added.
///
/// - Parameters:
///   - directory: where the files are, for messages.
///   - file: the bytes of the file of a name, nil where there is none.
/// - Throws: `TokenizerError`, and whatever `file` throws.
public func loadTokenizer(
  directory: String, file: (_ name: String) throws -> [UInt8]?
) throws -> any Tokenizer {
  let names = try SpecialTokenNames(
    map: file("special_tokens_map.json"), configuration: file("tokenizer_config.json"),
    added: file("added_tokens.json"), directory: directory)
  if let json = try file("tokenizer.json") {
    do {
      return try loadTokenizer(json, path: directory + "/tokenizer.json", names: names)
    } catch let error as TokenizerError where error.isUnsupported {
      // Of an older kind, as transformers once converted it; what it was made from says the same.
      guard try file("vocab.json") != nil && file("merges.txt") != nil else { throw error }
    }
  }
  if let vocabulary = try file("vocab.json") {
    guard let merges = try file("merges.txt") else {
      throw TokenizerError.missingFile(directory: directory, found: "vocab.json", missing: "merges.txt")
    }
    return try ByteLevelBPE(
      vocabularyJSON: vocabulary, mergesText: merges, names: names, vocabularyPath: directory + "/vocab.json",
      mergesPath: directory + "/merges.txt")
  }
  if let vocabulary = try file("vocab.txt") {
    return try WordPiece(vocabularyText: vocabulary, names: names, path: directory + "/vocab.txt")
  }
  throw TokenizerError.noTokenizer(
    directory: directory, isOpenCLIP: try file("open_clip_config.json") != nil)
}
