/// The tokenizer of a model's directory, from whichever files it has: `tokenizer.json`, else `vocab.json` with
/// `merges.txt` (CLIP), else `vocab.txt` (BERT). Beside the last two, `special_tokens_map.json` and
/// `tokenizer_config.json` name the special tokens and say whether texts become lower case.
///
/// - Parameters:
///   - directory: where the files are, for messages.
///   - file: the bytes of the file of a name, nil where there is none.
/// - Throws: `TokenizerError`, and whatever `file` throws.
public func loadTokenizer(
  directory: String, file: (_ name: String) throws -> [UInt8]?
) throws -> any Tokenizer {
  if let json = try file("tokenizer.json") {
    return try loadTokenizer(json, path: directory + "/tokenizer.json")
  }
  let names = try SpecialTokenNames(
    map: file("special_tokens_map.json"), configuration: file("tokenizer_config.json"), directory: directory)
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
  throw TokenizerError.noTokenizer(directory: directory)
}
