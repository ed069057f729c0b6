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
func templateEnds(_ processor: JSONField) throws -> (start: NamedToken, end: NamedToken) {
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
