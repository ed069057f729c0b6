/// What the small files beside a vocabulary say: `special_tokens_map.json` and `tokenizer_config.json`.
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
  ///   - directory: where the files are, for messages.
  /// - Throws: `TokenizerError`.
  public init(map: [UInt8]?, configuration: [UInt8]?, directory: String) throws {
    if let configuration {
      let root = try JSONField(parsing: configuration, file: directory + "/tokenizer_config.json")
      try read(root)
      lowercases = try root.optional("do_lower_case")?.flag()
      stripsAccents = try root.optional("strip_accents")?.flag()
      separatesChinese = try root.optional("tokenize_chinese_chars")?.flag()
    }
    if let map { try read(try JSONField(parsing: map, file: directory + "/special_tokens_map.json")) }
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
