internal import Settings

extension ByteLevelBPE {
  /// Reads Hugging Face's single file; merges may be texts ("a b") or pairs (["a", "b"]).
  ///
  /// - Parameter path: where the bytes came from, for messages.
  /// - Throws: `TokenizerError`, also for a file that asks for anything else than CLIP's rules.
  public init(huggingFaceJSON bytes: [UInt8], path: String = "tokenizer.json") throws {
    try self.init(try JSONField(parsing: bytes, file: path), source: bytes)
  }

  init(_ root: JSONField, source: [UInt8]) throws {
    let model = try root.member("model")
    try Self.checkRules(root, model)
    let (start, end) = try textEnds(root.member("post_processor"), pairs: "RobertaProcessing")
    let definition = BPEDefinition(
      file: root.file,
      vocabulary: try model.member("vocab").vocabulary(),
      merges: try model.member("merges").elements().map(Self.merge),
      added: try addedTokens(root),
      start: start, end: end,
      unknown: try model.optional("unk_token")?.utf8(),
      endsWordsAtSpecials: try Self.endsWordsAtSpecials(root.member("pre_tokenizer")))
    try self.init(definition, source: source)
    if let id = try paddingId(root, vocabularySize: vocabularySize) { padToken = id }
  }

  /// Reads the older pair of files: ids by token, and one merge a line under a line "#version: …".
  ///
  /// - Parameter names: the special tokens; CLIP's `<|startoftext|>` and `<|endoftext|>` for those not named.
  /// - Throws: `TokenizerError`.
  public init(
    vocabularyJSON: [UInt8], mergesText: [UInt8], names: SpecialTokenNames = SpecialTokenNames(),
    vocabularyPath: String = "vocab.json", mergesPath: String = "merges.txt"
  ) throws {
    let vocabulary = try JSONField(parsing: vocabularyJSON, file: vocabularyPath).vocabulary()
    let start = names.start ?? Self.startText
    let end = names.end ?? Self.endText
    let unknown = names.unknown ?? end
    let specials = [start, end, unknown, names.pad ?? end]
    let (merges, firstLine) = try Self.readMerges(mergesText, file: mergesPath)
    try self.init(
      BPEDefinition(
        file: vocabularyPath, vocabulary: vocabulary, merges: merges,
        mergePlace: { "line \($0 + firstLine) of \(mergesPath)" },
        added: names.added
          + vocabulary.filter { token, _ in
            specials.contains(token) && !names.added.contains { $0.content == token }
          }.sorted { $0.id < $1.id }.map { ($0.token, $0.id, names.normalized.contains($0.token)) },
        start: NamedToken(text: start), end: NamedToken(text: end),
        pad: names.pad.map { NamedToken(text: $0, key: "pad_token") }, unknown: unknown))
  }

  static let startText = Array("<|startoftext|>".utf8)
  static let endText = Array("<|endoftext|>".utf8)

  // MARK: merges

  private static func merge(_ field: JSONField) throws -> (left: [UInt8], right: [UInt8]) {
    switch field.value {
    case .string(let text):
      guard let merge = pair(text[...]) else {
        throw TokenizerError.malformedMerge(
          file: field.file, place: field.key, text: String(decoding: text, as: UTF8.self))
      }
      return merge
    case .array:
      let parts = try field.elements().map { try $0.utf8() }
      guard parts.count == 2 else { throw field.wrongType("two tokens") }
      return (parts[0], parts[1])
    default:
      throw field.wrongType("two tokens")
    }
  }

  private static func readMerges(
    _ bytes: [UInt8], file: String
  ) throws -> (merges: [(left: [UInt8], right: [UInt8])], firstLine: Int) {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    while lines.last?.isEmpty == true { lines.removeLast() }
    let header = lines.first?.starts(with: "#version".utf8) == true ? 1 : 0
    let merges = try lines.enumerated().dropFirst(header).map { index, line in
      let text = line.last == 0x0D ? line.dropLast() : line
      guard String(validating: text, as: UTF8.self) != nil, let merge = pair(text) else {
        throw TokenizerError.malformedMerge(
          file: file, place: "line \(index + 1)", text: String(decoding: text, as: UTF8.self))
      }
      return merge
    }
    return (merges, header + 1)
  }

  private static func pair(_ text: ArraySlice<UInt8>) -> (left: [UInt8], right: [UInt8])? {
    let parts = text.split(separator: 0x20, omittingEmptySubsequences: false)
    guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
    return (Array(parts[0]), Array(parts[1]))
  }

  // MARK: Rules

  /// Refuses whatever would make other ids than CLIP's rules do. The decoder, padding and truncation change none.
  /// The oldest published files name no model type.
  private static func checkRules(_ root: JSONField, _ model: JSONField) throws {
    try model.require("type", "BPE", absent: "BPE")
    try model.require("end_of_word_suffix", "</w>")
    try model.require("continuing_subword_prefix", "", absent: "")
    for flag in ["fuse_unk", "byte_fallback", "ignore_merges"] { try model.require(flag, false) }
    if let dropout = try model.optional("dropout") {
      guard case .number(0) = dropout.value else { throw dropout.unsupported(supported: "null") }
    }
    let normalizers = try steps(root.member("normalizer"), "normalizers", types: ["NFC", "Replace", "Lowercase"])
    try normalizers[1].member("pattern").require("Regex", #"\s+"#)
    try normalizers[1].require("content", " ")
  }

  /// Checks the rules for words too.
  private static func endsWordsAtSpecials(_ sequence: JSONField) throws -> Bool {
    let splitters = try steps(sequence, "pretokenizers", types: ["Split", "ByteLevel"])
    let pattern = try splitters[0].member("pattern")
    let hasSpecials = try pattern.optional("Regex")?.text() == CaptionText.wordPatternWithSpecials
    if !hasSpecials { try pattern.require("Regex", CaptionText.wordPattern) }
    try splitters[0].require("behavior", "Removed")
    guard try splitters[0].optional("invert")?.flag() == true else {
      throw splitters[0].unsupported(supported: "invert: true")
    }
    try splitters[1].require("add_prefix_space", false)
    // Without special tokens in the pattern the words come out of the first step as the second would cut them.
    if hasSpecials { try splitters[1].require("use_regex", true) }
    return hasSpecials
  }

  private static func steps(_ sequence: JSONField, _ name: String, types: [String]) throws -> [JSONField] {
    try sequence.require("type", "Sequence")
    let list = try sequence.member(name)
    let steps = try list.elements()
    guard steps.count == types.count else { throw list.unsupported(supported: types.joined(separator: ", ")) }
    for (step, type) in zip(steps, types) { try step.require("type", type) }
    return steps
  }
}
