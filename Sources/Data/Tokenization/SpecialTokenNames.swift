internal import Settings

/// What the small files beside a vocabulary say: `special_tokens_map.json`, `tokenizer_config.json` and `added_tokens.json`.
public struct SpecialTokenNames: Sendable {
  /// Opens every text: `bos_token` or `cls_token`.
  public var start: [UInt8]?
  /// Closes every text: `eos_token` or `sep_token`.
  public var end: [UInt8]?
  public var pad: [UInt8]?
  public var unknown: [UInt8]?
  public var mask: [UInt8]?
  /// Those that are looked for in the normalised text, so that `<|EndOfText|>` is found too.
  private(set) var normalized: Set<[UInt8]> = []
  /// Words that were added beside the vocabulary, in the order of their ids.
  private(set) var added: [(content: [UInt8], id: Int, isNormalized: Bool)] = []
  /// `do_lower_case`: BERT's texts become lower case.
  public var lowercases: Bool?
  /// `strip_accents`: accents go from BERT's texts; as `lowercases` where nothing is said.
  public var stripsAccents: Bool?
  /// `tokenize_chinese_chars`: each Chinese character is a word of its own.
  public var separatesChinese: Bool?

  /// Nothing is said.
  public init() {}

  /// - Parameters:
  ///   - map: the bytes of `special_tokens_map.json`. Where both files name a token, this one is right.
  ///   - configuration: the bytes of `tokenizer_config.json`.
  ///   - added: the bytes of `added_tokens.json`, of no account where the configuration lists the words itself.
  ///   - directory: where the files are, for messages.
  /// - Throws: `TokenizerError`, `SettingsError` for a setting that nobody here knows.
  public init(map: [UInt8]?, configuration: [UInt8]?, added: [UInt8]? = nil, directory: String) throws {
    var words = try added.map { try JSONField(parsing: $0, file: directory + "/added_tokens.json").vocabulary() }
    if let configuration {
      let file = directory + "/tokenizer_config.json"
      try Settings(json: configuration, file: file).withoutNulls.require(tokenizerKeys)
      let root = try JSONField(parsing: configuration, file: file)
      if let list = try root.optional("added_tokens_decoder") {
        self.added = try list.addedWords()
        words = nil
      }
      try read(root)
      lowercases = try root.optional("do_lower_case")?.flag()
      stripsAccents = try root.optional("strip_accents")?.flag()
      separatesChinese = try root.optional("tokenize_chinese_chars")?.flag()
    }
    if let map { try read(try JSONField(parsing: map, file: directory + "/special_tokens_map.json")) }
    let specials = [start, end, pad, unknown, mask]
    for (content, id) in words ?? [] { self.added.append((content, id, !specials.contains(content))) }
    self.added.sort { $0.id < $1.id }
  }

  /// Refuses words that `tokenizer.json` does not list as well: who reads them there and who reads them here would make
  /// different ids.
  /// - Parameter listed: the words of `tokenizer.json`.
  func requireAdded(in listed: [(content: [UInt8], id: Int, isNormalized: Bool)], file: String) throws {
    for word in added where !listed.contains(where: { $0.content == word.content && $0.id == word.id }) {
      throw TokenizerError.addedElsewhere(
        file: file, token: String(decoding: word.content, as: UTF8.self), id: word.id)
    }
  }

  private mutating func read(_ root: JSONField) throws {
    func token(_ names: String...) throws -> [UInt8]? {
      for name in names {
        guard let field = try root.optional(name) else { continue }
        // A token is a text, or an object with the text in it.
        guard case .object = field.value else { return try field.utf8() }
        let text = try field.member("content").utf8()
        if try field.optional("normalized")?.flag() == true { normalized.insert(text) }
        return text
      }
      return nil
    }
    start = try token("bos_token", "cls_token") ?? start
    end = try token("eos_token", "sep_token") ?? end
    pad = try token("pad_token") ?? pad
    unknown = try token("unk_token") ?? unknown
    mask = try token("mask_token") ?? mask
  }
}

extension JSONField {
  /// The words of an `added_tokens_decoder`: objects by id.
  fileprivate func addedWords() throws -> [(content: [UInt8], id: Int, isNormalized: Bool)] {
    guard case .object(let members) = value else { throw wrongType("an object of tokens by id") }
    return try members.map { member in
      let key = String(decoding: member.key, as: UTF8.self)
      guard let id = Int32(key), id >= 0, let token = try optional(key) else {
        throw wrongType("an object of tokens by id")
      }
      try token.require("single_word", false)
      let content = try token.member("content")
      if try content.utf8().isEmpty { throw content.wrongType("a text that is not empty") }
      return (try content.utf8(), Int(id), try token.optional("normalized")?.flag() ?? true)
    }
  }
}

/// The keys of `tokenizer_config.json`. Texts are cut and filled up at their end.
private let tokenizerKeys = KnownKeys(
  read: [
    "bos_token", "eos_token", "cls_token", "sep_token", "pad_token", "unk_token", "mask_token", "do_lower_case",
    "strip_accents", "tokenize_chinese_chars", "added_tokens_decoder",
  ],
  // Of how texts come back, of batches and chats, of whoever wrote the file; the length is the model's.
  harmless: [
    "tokenizer_class", "processor_class", "name_or_path", "tokenizer_file", "special_tokens_map_file", "backend",
    "is_local", "model_max_length", "max_length", "max_len", "stride", "truncation_strategy", "pad_to_multiple_of",
    "pad_token_type_id", "clean_up_tokenization_spaces", "spaces_between_special_tokens", "errors", "add_prefix_space",
    "trim_offsets", "do_basic_tokenize", "chat_template", "model_input_names", "local_files_only", "use_fast", "legacy",
    "from_slow", "transformers_version", "model_specific_special_tokens",
  ],
  understood: [
    "padding_side": [.text("right")], "truncation_side": [.text("right")], "never_split": [.array([])],
    "additional_special_tokens": [.array([])], "extra_special_tokens": [.array([]), .object([])],
    "split_special_tokens": [.boolean(false)], "auto_map": [.object([])],
    "add_bos_token": [.boolean(true)], "add_eos_token": [.boolean(true)],
  ])
