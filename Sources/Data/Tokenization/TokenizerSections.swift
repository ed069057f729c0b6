/// Reads the list `added_tokens` of a `tokenizer.json`.
func addedTokens(_ root: JSONField) throws -> [(content: [UInt8], id: Int, isNormalized: Bool)] {
  guard let list = try root.optional("added_tokens") else { return [] }
  return try list.elements().map { token in
    try token.require("single_word", false)
    let content = try token.member("content")
    let text = try content.utf8()
    if text.isEmpty { throw content.wrongType("a text that is not empty") }
    return (text, try token.member("id").id(), try token.optional("normalized")?.flag() ?? false)
  }
}

/// The start and the end token of a `TemplateProcessing` section whose template for one text is start, text, end.
private func templateEnds(_ processor: JSONField) throws -> (start: NamedToken, end: NamedToken) {
  let single = try processor.member("single")
  let items = try single.elements()
  guard items.count == 3, try items[1].optional("Sequence") != nil else {
    throw single.unsupported(supported: "a start token, the text, an end token")
  }
  let ids = try processor.member("special_tokens")
  func token(_ item: JSONField) throws -> NamedToken {
    let name = try item.member("SpecialToken").member("id").text()
    let entry = try ids.member(name)
    let values = try entry.member("ids").elements()
    let texts = try entry.member("tokens").elements()
    guard values.count == 1, texts.count == 1 else { throw entry.unsupported(supported: "one token") }
    return NamedToken(text: try texts[0].utf8(), id: try values[0].id(), key: entry.key)
  }
  return (try token(items[0]), try token(items[2]))
}

/// The start and the end token that a `post_processor` section puts around one text.
///
/// - Parameter pairs: the type that states both as [token, id]: "RobertaProcessing" or "BertProcessing".
func textEnds(_ processor: JSONField, pairs: String) throws -> (start: NamedToken, end: NamedToken) {
  let type = try processor.member("type")
  switch try type.text() {
  case pairs:
    return (try pair(processor.member("cls")), try pair(processor.member("sep")))
  case "TemplateProcessing":
    return try templateEnds(processor)
  case "Sequence":
    // `ByteLevel` changes offsets alone.
    let list = try processor.member("processors")
    let steps = try list.elements().filter { try $0.member("type").text() != "ByteLevel" }
    guard let only = steps.first, steps.count == 1 else {
      throw list.unsupported(supported: "one step that adds start and end")
    }
    return try textEnds(only, pairs: pairs)
  default:
    throw type.unsupported(supported: "\"\(pairs)\" and \"TemplateProcessing\"")
  }
}

private func pair(_ field: JSONField) throws -> NamedToken {
  let parts = try field.elements()
  guard parts.count == 2 else { throw field.wrongType("a token and its id") }
  return NamedToken(text: try parts[0].utf8(), id: try parts[1].id(), key: field.key)
}

/// The id that the section `padding` fills with, if there is one; its text decides nothing in `tokenizers` either.
func paddingId(_ root: JSONField, vocabularySize: Int) throws -> Int32? {
  guard let padding = try root.optional("padding") else { return nil }
  let field = try padding.member("pad_id")
  let id = try field.id()
  guard id < vocabularySize else { throw field.wrongType("an id from 0 to \(vocabularySize - 1)") }
  return Int32(id)
}
