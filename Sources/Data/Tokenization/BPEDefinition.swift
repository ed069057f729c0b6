/// All that makes a byte-level BPE tokenizer, as a file or a training run states it and before anything is checked.
struct BPEDefinition {
  /// What to call the source in errors.
  var file: String
  /// The tokens in byte symbols, and special ones as they are.
  var vocabulary: [(token: [UInt8], id: Int)]
  /// In order of rank.
  var merges: [(left: [UInt8], right: [UInt8])]
  /// Where the merge of that rank stands in the file, for errors.
  var mergePlace: @Sendable (Int) -> String = { "model.merges[\($0)]" }
  var added: [(content: [UInt8], id: Int, isNormalized: Bool)]
  var start: NamedToken
  var end: NamedToken
  /// What unused places are filled with; without it the end token.
  var pad: NamedToken?
  /// What stands for a byte that has no symbol in the vocabulary; without it such bytes vanish.
  var unknown: [UInt8]?
  /// Whether words are split by `CaptionText.wordPatternWithSpecials`.
  var endsWordsAtSpecials = false
}
