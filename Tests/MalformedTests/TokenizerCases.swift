import Foundation

/// `tokenizer.json` of a model, changed; `inspect` reads it whole.
let tokenizerCases: [MalformedCase] =
  vocabularyCases + mergeCases + specialTokenCases + ruleCases + tokenizerTextCases + olderTokenizerCases

private let file = "tokenizer.json"

private func tokenizer(
  _ what: String, code: Int32 = 65, _ key: String, _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  MalformedCase("tokenizer: " + what, ["inspect", "IN/model"], code, key) { try $0.model(change) }
}

private func changed(
  _ what: String, code: Int32 = 65, _ old: String, _ new: String, _ key: String
) -> MalformedCase {
  tokenizer(what, code: code, key) { try $0.replace(old, by: new, in: file) }
}

private let vocabularyCases: [MalformedCase] = [
  changed("one id for two tokens", "\"#\":2,", "\"#\":1,", "id 1 belongs to \"\"\" and \"#\""),
  changed("one id for a token and a special one", "\"#\":2,", "\"#\":572,", "id 572 belongs to"),
  changed("a gap in the ids", "\"#\":2,", "", "no token has id 2, but 572 tokens"),
  changed("an id far off", "\"#\":2,", "\"#\":2000000000,", "no token has id 2"),
  changed("a token twice", "\"#\":2,", "\"!\":2,", "\"!\" is there twice"),
  changed("a token twice, once escaped", "\"#\":2,", #""\u0021":2,"#, "is there twice"),
  changed("a negative id", "\"#\":2,", "\"#\":-1,", "must be a whole number"),
  changed("an id with a fraction", "\"#\":2,", "\"#\":2.5,", "must be a whole number"),
  changed("an id of 2^31", "\"#\":2,", "\"#\":2147483648,", "must be a whole number"),
  changed("an id of 1e99", "\"#\":2,", "\"#\":1e99,", "must be a whole number"),
  changed("an id in quotes", "\"#\":2,", "\"#\":\"2\",", "must be a whole number"),
  changed("null for an id", "\"#\":2,", "\"#\":null,", "must be a whole number"),
  changed("an empty token", "\"#\":2,", "\"\":2,", "not written in byte symbols"),
  changed("a token with an escape code", "\"#\":2,", #""\u001b[2J":2,"#, #"\u{1b}[2J"#),
  changed("a token with a space", "\"#\":2,", "\"a b\":2,", "not written in byte symbols"),
  tokenizer("a vocabulary that is a list", "model.vocab") { model in
    try model.replace("\"vocab\":{", by: "\"vocab\":[],\"other\":{", in: file)
  },
  tokenizer("no vocabulary", "model.vocab is missing") { model in
    try model.replace("\"vocab\":{", by: "\"other\":{", in: file)
  },
  tokenizer("more tokens than embeddings", "the model has embeddings for 573") { model in
    try model.replace("\"<|endoftext|>\":572}", by: "\"<|endoftext|>\":572,\"more\":573}", in: file)
  },
]

private let mergeCases: [MalformedCase] = [
  changed("a merge of an unknown token", #""merges":["a a""#, #""merges":["zz a""#, #"needs the token "zz""#),
  changed("a merge into an unknown token", #""merges":["a a""#, #""merges":["z y""#, #"needs the token "zy""#),
  changed("a merge behind the end of a word", #""merges":["a a""#, #""merges":["a</w> b""#, "needs the token"),
  changed("a merge of one", #""merges":["a a""#, #""merges":["aa""#, "is not two tokens"),
  changed("a merge of three", #""merges":["a a""#, #""merges":["a a a""#, "is not two tokens"),
  changed("a merge of nothing", #""merges":["a a""#, #""merges":["""#, "is not two tokens"),
  changed("a merge with nothing", #""merges":["a a""#, #""merges":["a ""#, "is not two tokens"),
  changed("a merge into itself", #""merges":["a a""#, #""merges":[" a""#, "is not two tokens"),
  changed("a merge twice", #""merges":["a a","#, #""merges":["a a","a a","#, "a second time"),
  changed("a merge that is a number", #""merges":["a a""#, #""merges":[3"#, "must be two tokens"),
  changed("a merge that is a list of one", #""merges":["a a""#, #""merges":[["a"]"#, "must be two tokens"),
  changed("merges that are a group", #""merges":["a a","#, #""merges":{"x":["a a","#, "not valid JSON"),
]

private let specialTokenCases: [MalformedCase] = [
  changed("a special token with two ids", #"{"id":571,"#, #"{"id":570,"#, "has id 570, but 571 in the vocabulary"),
  changed("a start token that is not there", #""cls":["<|startoftext|>",571]"#, #""cls":["<|start|>",571]"#, "names"),
  changed(
    "a start token with another id", #""cls":["<|startoftext|>",571]"#, #""cls":["<|startoftext|>",3]"#, "has id 3"),
  changed("an end token of three parts", #""sep":["<|endoftext|>",572]"#, #""sep":["<|endoftext|>",572,1]"#, "sep"),
  changed("no end token", #""sep":["<|endoftext|>",572],"#, "", "post_processor.sep is missing"),
  changed(
    "an unknown token that is not there", #""unk_token":"<|endoftext|>""#, #""unk_token":"?x""#, "unk_token names"),
  changed(
    "padding of an id too large", #""padding":null"#,
    #""padding":{"strategy":"BatchLongest","pad_id":573,"pad_token":"x"}"#, "pad_id"),
  changed(
    "padding of a negative id", #""padding":null"#,
    #""padding":{"strategy":"BatchLongest","pad_id":-1,"pad_token":"x"}"#, "pad_id must be a whole number"),
  changed("a special token that is a number", #""content":"<|startoftext|>""#, #""content":7"#, "content"),
  changed("an empty special token", #""content":"<|startoftext|>""#, #""content":"""#, "tokenizer.json"),
]

private let ruleCases: [MalformedCase] = [
  changed("a unigram model", code: 78, #""type":"BPE""#, #""type":"Unigram""#, #"model.type is "Unigram""#),
  changed("a word of another's for the model", #""type":"BPE""#, #""type":7"#, "model.type"),
  changed(
    "no end of words", code: 78, #""end_of_word_suffix":"</w>""#, #""end_of_word_suffix":"""#, "end_of_word_suffix"),
  changed("dropout", code: 78, #""dropout":null"#, #""dropout":0.1"#, "model.dropout is 0.1"),
  changed("another normal form", code: 78, #"{"type":"NFC"}"#, #"{"type":"NFKC"}"#, "NFKC"),
  changed("another post-processor", code: 78, #""RobertaProcessing""#, #""BertProcessing""#, "BertProcessing"),
  changed("no model", #""model":{"#, #""modle":{"#, "model is missing"),
  changed("a decoder of another kind of text", code: 78, #"[\\p{N}]"#, #"[\\p{N}]+"#, "pre_tokenizer"),
]

private let tokenizerTextCases: [MalformedCase] =
  [
    ("nothing", "", "ends in the middle"), ("an open brace", "{", "expected a key"), ("a list", "[]", "tokenizer.json"),
    ("a comma too many", #"{"a":1,}"#, "key in quotes"), ("something behind the end", "{} x", "follows the end"),
    ("half a surrogate pair", #"{"\ud800":1}"#, "surrogate"), ("NaN", #"{"a":NaN}"#, "expected a value"),
    ("a byte order mark", "\u{FEFF}{}", "byte order mark"), ("a leading zero", #"{"a":01}"#, "not valid JSON"),
    ("lists of a hundred thousand levels", String(repeating: "[", count: 100_000), "levels deep"),
    ("groups of a hundred thousand levels", String(repeating: #"{"a":"#, count: 100_000), "levels deep"),
    ("a key twice", #"{"version":"1.0","version":"2.0"}"#, "tokenizer.json"),
    ("a control character", "{\"a\nb\":1}", "control"), ("a web page", "<!DOCTYPE html>", "a web page (HTML)"),
  ].map { what, text, key in tokenizer(what, key) { try $0.write(text, to: file) } }
  + [
    tokenizer("not UTF-8", "tokenizer.json") {
      try $0.write(Array(#"{"a"#.utf8) + [0xFF] + Array(#"":1}"#.utf8), to: file)
    },
    tokenizer("cut in the middle", "tokenizer.json:1") { model in
      try model.write(String(try text(of: model).prefix(3000)), to: file)
    },
  ]

private let olderTokenizerCases: [MalformedCase] = [
  older("merges.txt is missing", 66, "merges.txt") { try $0.write(olderVocabulary, to: "vocab.json") },
  older("vocab.json is missing", 66, "vocab.json") { try $0.write("#version: 0.2\na b</w>\n", to: "merges.txt") },
  older("a merge of one", 65, "line 2, \"ab\", is not two tokens") { model in
    try model.write(olderVocabulary, to: "vocab.json")
    try model.write("#version: 0.2\nab\n", to: "merges.txt")
  },
  older("an empty line among the merges", 65, "line 2, \"\", is not two tokens") { model in
    try model.write(olderVocabulary, to: "vocab.json")
    try model.write("#version: 0.2\n\na b</w>", to: "merges.txt")
  },
  older("a merge of an unknown token", 65, "merges.txt needs the token") { model in
    try model.write(olderVocabulary, to: "vocab.json")
    try model.write("#version: 0.2\nx y\n", to: "merges.txt")
  },
  older("no special tokens", 65, "<|startoftext|>") { model in
    try model.write(#"{"a":0}"#, to: "vocab.json")
    try model.write("#version: 0.2\n", to: "merges.txt")
  },
]

private let olderVocabulary =
  #"{"a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4,"<|startoftext|>":5,"<|endoftext|>":6}"#

private func older(
  _ what: String, _ code: Int32, _ key: String, _ change: @escaping @Sendable (Inputs) throws -> Void
) -> MalformedCase {
  tokenizer("older files: " + what, code: code, key) { model in
    try FileManager.default.removeItem(atPath: model(file))
    try change(model)
  }
}

private func text(of model: Inputs) throws -> String { try String(contentsOfFile: model(file), encoding: .utf8) }
