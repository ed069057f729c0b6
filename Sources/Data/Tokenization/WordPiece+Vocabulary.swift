extension WordPiece {
  /// Reads BERT's `vocab.txt`: a token a line, whose id is the number of the line from 0 on.
  ///
  /// `huggingFaceJSON()` is then what `transformers` would write for this vocabulary.
  /// - Parameters:
  ///   - names: the special tokens and the rules for text; `[CLS]`, `[SEP]`, `[PAD]`, `[UNK]`, `[MASK]` and those of the
  ///     uncased BERT for what is not said.
  ///   - path: where the bytes came from, for messages.
  /// - Throws: `TokenizerError`.
  public init(
    vocabularyText: [UInt8], names: SpecialTokenNames = SpecialTokenNames(), path: String = "vocab.txt"
  ) throws {
    let tokens = try readLines(vocabularyText, file: path)
    let ids = Dictionary(tokens.enumerated().map { ($1, $0) }) { first, _ in first }
    func special(_ name: [UInt8]?, _ usual: String, _ key: String) throws -> NamedToken {
      var token = NamedToken(text: name ?? Array(usual.utf8), key: key)
      guard let id = ids[token.text] else {
        throw TokenizerError.unknownToken(file: path, key: key, token: String(decoding: token.text, as: UTF8.self))
      }
      token.id = id
      return token
    }
    let start = try special(names.start, "[CLS]", "cls_token")
    let end = try special(names.end, "[SEP]", "sep_token")
    let unknown = try special(names.unknown, "[UNK]", "unk_token")
    let pad = try names.pad == nil && ids[Array("[PAD]".utf8)] == nil ? nil : special(names.pad, "[PAD]", "pad_token")
    // Few vocabularies lack the mask, which no caption has.
    let mask = try? special(names.mask, "[MASK]", "mask_token")

    var json = JSONWriter()
    json.raw(#"{"version":"1.0","truncation":null,"padding":"#)
    writePadding(&json, pad)
    json.raw(#","added_tokens":["#)
    let words = names.added.map { NamedToken(text: $0.content, id: $0.id) }
    writeAdded(&json, words + [start, end, unknown, pad, mask].compactMap(\.self), names)
    writeRules(&json, names)
    writeTemplate(&json, start: start, end: end)
    json.raw(####""decoder":{"type":"WordPiece","prefix":"##","cleanup":true},"####)
    json.raw(#""model":{"type":"WordPiece","unk_token":"#)
    json.string(unknown.text)
    json.raw(####","continuing_subword_prefix":"##","max_input_chars_per_word":100,"vocab":{"####)
    json.list(tokens.enumerated()) { json, entry in
      json.string(entry.element)
      json.raw(":\(entry.offset)")
    }
    json.raw("}}}")
    try self.init(huggingFaceJSON: json.bytes, path: path)
  }
}

/// The lines, without carriage returns.
private func readLines(_ bytes: [UInt8], file: String) throws -> [[UInt8]] {
  var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
  if lines.last?.isEmpty == true { lines.removeLast() }
  return try lines.enumerated().map { number, line in
    let text = Array(line.last == 0x0D ? line.dropLast() : line)
    guard String(validating: text, as: UTF8.self) != nil else {
      throw TokenizerError.malformed(file: file, line: number + 1, reason: "the line is not UTF-8")
    }
    return text
  }
}

/// A pad token of another name than `[PAD]`; padding to no length at all adds nothing to any text.
private func writePadding(_ json: inout JSONWriter, _ pad: NamedToken?) {
  guard let pad, let id = pad.id, !pad.text.elementsEqual("[PAD]".utf8) else {
    json.raw("null")
    return
  }
  json.raw(#"{"strategy":{"Fixed":0},"direction":"Right","pad_to_multiple_of":null,"pad_id":\#(id),"#)
  json.raw(#""pad_type_id":0,"pad_token":"#)
  json.string(pad.text)
  json.raw("}")
}

/// Each of the tokens once, in the order of their ids.
private func writeAdded(_ json: inout JSONWriter, _ tokens: [NamedToken], _ names: SpecialTokenNames) {
  let byId = Dictionary(tokens.map { ($0.id ?? 0, $0.text) }) { first, _ in first }
  json.list(byId.sorted { $0.key < $1.key }) { json, token in
    json.raw(#"{"id":\#(token.key),"content":"#)
    json.string(token.value)
    let word = names.added.first { $0.id == token.key }
    let isNormalized = word?.isNormalized ?? names.normalized.contains(token.value)
    json.raw(
      #","single_word":false,"lstrip":false,"rstrip":false,"normalized":\#(isNormalized),"special":true}"#)
  }
}

private func writeRules(_ json: inout JSONWriter, _ names: SpecialTokenNames) {
  let accents = names.stripsAccents.map { "\($0)" } ?? "null"
  json.raw(#"],"normalizer":{"type":"BertNormalizer","clean_text":true,"#)
  json.raw(#""handle_chinese_chars":\#(names.separatesChinese ?? true),"strip_accents":\#(accents),"#)
  json.raw(#""lowercase":\#(names.lowercases ?? true)},"pre_tokenizer":{"type":"BertPreTokenizer"},"#)
}

/// The start token, the text, the end token; and for two texts the second with its end.
private func writeTemplate(_ json: inout JSONWriter, start: NamedToken, end: NamedToken) {
  func special(_ json: inout JSONWriter, _ token: NamedToken, type: Int) {
    json.raw(#"{"SpecialToken":{"id":"#)
    json.string(token.text)
    json.raw(#","type_id":\#(type)}}"#)
  }
  func single(_ json: inout JSONWriter) {
    special(&json, start, type: 0)
    json.raw(#",{"Sequence":{"id":"A","type_id":0}},"#)
    special(&json, end, type: 0)
  }
  json.raw(#""post_processor":{"type":"TemplateProcessing","single":["#)
  single(&json)
  json.raw(#"],"pair":["#)
  single(&json)
  json.raw(#",{"Sequence":{"id":"B","type_id":1}},"#)
  special(&json, end, type: 1)
  json.raw(#"],"special_tokens":{"#)
  json.list([start, end]) { json, token in
    json.string(token.text)
    json.raw(#":{"id":"#)
    json.string(token.text)
    json.raw(#","ids":[\#(token.id ?? 0)],"tokens":["#)
    json.string(token.text)
    json.raw("]}")
  }
  json.raw("}},")
}
