import Foundation
import Reporting
import Testing
import Tokenization

/// What broken, hostile or foreign tokenizer files are answered with.
@Suite struct TokenizerFileTests {
  let tiny: String

  init() throws {
    tiny = try String(contentsOf: Place.golden.appending(path: "tiny-tokenizer.json"), encoding: .utf8)
  }

  /// The message for the tiny tokenizer's file with `old` replaced by `new`.
  private func refusal(_ old: String, _ new: String) throws -> String {
    try #require(tiny.contains(old))
    return message(tiny.replacingOccurrences(of: old, with: new))
  }

  private func message(_ json: String) -> String {
    do {
      _ = try loadTokenizer(Array(json.utf8), path: "t.json")
      return "no error"
    } catch let error as TokenizerError {
      // A sound file that asks for other rules is not supported; all else is damage.
      #expect(error.exitCode == (error.description.contains("but mmtrain knows") ? .configuration : .badData))
      return error.description
    } catch {
      return "another error: \(error)"
    }
  }

  @Test func vocabularies() throws {
    #expect(try refusal("\"#\":2,", "\"#\":1,") == "t.json: id 1 belongs to \"\"\" and \"#\"" + vocabularyAdvice)
    #expect(
      try refusal("\"#\":2,", "\"#\":5000,")
        == "t.json: no token has id 2, but 573 tokens need the ids 0 to 572" + vocabularyAdvice)
    #expect(try refusal("\"#\":2,", "\"!\":2,") == "t.json: \"!\" is there twice" + vocabularyAdvice)
    #expect(
      try refusal("\"#\":2,", "\"a b\\u001b\":2,")
        == "t.json: token 2, \"a b\\u{1b}\", is not written in byte symbols and is not among added_tokens"
        + vocabularyAdvice)
    #expect(try refusal("\"#\":2,", "\"\":2,").contains("token 2, \"\", is not written in byte symbols"))
    for wrong in ["-1", "1.5", "\"2\"", "null", "1e99"] {
      #expect(
        try refusal("\"#\":2,", "\"#\":\(wrong),").hasPrefix(
          "t.json: model.vocab[\"#\"] must be a whole number from 0 to 2147483647"))
    }
    #expect(try refusal("\"vocab\":{", "\"vocab\":[{").contains("not valid JSON"))
  }

  private var vocabularyAdvice: String { "; take the vocabulary that the model was trained with" }

  @Test func merges() throws {
    let first = try #require(tiny.firstRange(of: /"merges":\["[^"]*"/))
    let head = String(tiny[first])
    func refusal(_ merge: String) throws -> String { try self.refusal(head, "\"merges\":[\(merge)") }
    #expect(try refusal("\"zz y\"").hasPrefix("t.json: model.merges[0] needs the token \"zz\", which the vocabulary "))
    #expect(try refusal("[\"z\",\"y\"]").contains("model.merges[0] needs the token \"zy\""))
    #expect(try refusal("\"a</w> b\"").contains("needs the token \"a</w>b\""))
    #expect(try refusal("\"ab\"").contains("model.merges[0], \"ab\", is not two tokens"))
    #expect(try refusal("\"a  b\"").contains("is not two tokens"))
    #expect(try refusal("[\"a\"]").contains("model.merges[0] must be two tokens"))
    #expect(try refusal("3").contains("model.merges[0] must be two tokens"))
    #expect(try refusal(String(head.dropFirst(10)) + "," + head.dropFirst(10)).contains("is there a second time"))
  }

  @Test func specialTokens() throws {
    #expect(
      try refusal("{\"id\":571,", "{\"id\":570,")
        == "t.json: \"<|startoftext|>\" has id 570, but 571 in the vocabulary" + vocabularyAdvice)
    let cls = "\"cls\":[\"<|startoftext|>\",571]"
    #expect(try refusal(cls, "\"cls\":[\"<|start|>\",571]").contains("names \"<|start|>\""))
    #expect(try refusal(cls, "\"cls\":[\"<|startoftext|>\",3]").contains("has id 3"))
    #expect(try refusal("\"unk_token\":\"<|endoftext|>\"", "\"unk_token\":\"?x\"").contains("model.unk_token names"))
    #expect(try refusal("\"single_word\":false", "\"single_word\":true").contains("single_word"))
  }

  /// A file with other rules is refused, because following CLIP's would silently make other ids.
  @Test(arguments: [
    ("\"type\":\"BPE\"", "\"type\":\"Unigram\"", "model.type is \"Unigram\""),
    ("\"end_of_word_suffix\":\"</w>\"", "\"end_of_word_suffix\":\"\"", "model.end_of_word_suffix is \"\""),
    ("\"dropout\":null", "\"dropout\":0.1", "model.dropout is 0.1"),
    ("\"fuse_unk\":false", "\"fuse_unk\":true", "model.fuse_unk is true"),
    ("{\"type\":\"NFC\"}", "{\"type\":\"NFKC\"}", "normalizer.normalizers[0].type is \"NFKC\""),
    (",{\"type\":\"Lowercase\"}", "", "normalizer.normalizers is a list of 2"),
    ("[\\\\p{N}]", "[\\\\p{N}]+", "pre_tokenizer.pretokenizers[0].pattern.Regex is"),
    ("\"invert\":true", "\"invert\":false", "pre_tokenizer.pretokenizers[0] is of type Split"),
    ("\"RobertaProcessing\"", "\"BertProcessing\"", "post_processor.type is \"BertProcessing\""),
    ("\"model\":{", "\"modle\":{", "model is missing"),
  ])
  func foreignRules(old: String, new: String, expected: String) throws {
    let message = try refusal(old, new)
    #expect(message.hasPrefix("t.json: " + expected), "\(message)")
  }

  @Test(arguments: [
    ("", "the file ends in the middle"),
    ("{", "expected a key"),
    ("[1,]", "expected a value"),
    ("{\"a\":1,}", "key in quotes"),
    ("[1] x", "follows the end"),
    ("\"\\ud800\"", "surrogate"),
    ("\"\\u12g4\"", "hexadecimal"),
    ("\"a\nb\"", "control"),
    ("\"abc", "ends inside a string"),
    ("01", "expected a value"),
    ("nul", "expected a value"),
    ("+1", "expected a value"),
    ("\u{FEFF}{}", "byte order mark"),
    (String(repeating: "[", count: 100_000), "levels deep"),
    ("\"\\x\"", "unknown escape"),
    ("[1 2]", "expected a comma"),
    ("{\"a\" 1}", "expected a colon"),
    ("NaN", "expected a value"),
    ("-", "expected a value"),
  ])
  func brokenJSON(json: String, expected: String) {
    let message = message(json)
    #expect(message.hasPrefix("t.json:1: not valid JSON: ") || message.hasPrefix("t.json:2: "), "\(message)")
    #expect(message.contains(expected), "\(message)")
  }

  @Test func everyTruncationOfAFileIsRefused() throws {
    let bytes = Array(tiny.utf8)
    for count in stride(from: 0, to: bytes.count, by: 37) {
      #expect(throws: TokenizerError.self) { try loadTokenizer(Array(bytes[..<count]), path: "t.json") }
    }
  }

  /// Whatever a flipped, lost or doubled stretch makes of a file: an error of ours, or a tokenizer that works.
  @Test(arguments: [
    "tiny-tokenizer.json", "published/transformers-5/clip/tokenizer.json",
    "published/transformers-5/bert/tokenizer.json",
  ])
  func damagedFilesAreRefusedOrWork(name: String) throws {
    let bytes = try Place.bytes(Place.golden.appending(path: name))
    var random = SplitMix(state: 7)
    var refused = 0
    for _ in 0..<300 {
      var damaged = bytes
      for _ in 0..<1 + random.next(below: 3) {
        let place = Int(random.next(below: UInt64(damaged.count - 64)))
        let stretch = place..<place + Int(random.next(below: 64))
        switch random.next(below: 3) {
        case 0: damaged[place] = UInt8(random.next(below: 256))
        case 1: damaged.removeSubrange(stretch)
        default: damaged.insert(contentsOf: damaged[stretch], at: place)
        }
      }
      do {
        let tokenizer = try loadTokenizer(damaged, path: "t.json")
        let ids = tokenizer.encode("A dog's <|ENDOFTEXT|> caf\u{E9} [SEP] \u{1F600}", limit: 20)
        #expect(ids.allSatisfy { 0..<tokenizer.vocabularySize ~= Int($0) })
        #expect(ids.count <= 20 && ids.last == tokenizer.endToken)
      } catch is TokenizerError {
        refused += 1
      }
    }
    #expect(refused > 100)
  }

  @Test func thePadTokenIsThatOfTheFile() throws {
    func padded(_ id: String) -> String {
      tiny.replacingOccurrences(
        of: "\"padding\":null",
        with: "\"padding\":{\"strategy\":\"BatchLongest\",\"pad_id\":\(id),\"pad_token\":\"[PAD]\"}")
    }
    #expect(try loadTokenizer(Array(padded("7").utf8), path: "t.json").padToken == 7)
    #expect(try loadTokenizer(Array(tiny.utf8), path: "t.json").padToken == 572)
    #expect(message(padded("573")).hasPrefix("t.json: padding.pad_id must be an id from 0 to 572"))
    #expect(message(padded("-1")).hasPrefix("t.json: padding.pad_id must be a whole number"))
  }

  @Test func mergesMayBePairs() throws {
    let merges = try #require(tiny.firstRange(of: /"merges":\[[^\]]*\]/))
    let pairs = tiny[merges].replacing(/"([^" ]+) ([^" ]+)"/) { "[\"\($0.1)\",\"\($0.2)\"]" }
    #expect(pairs.contains("],["))
    let tokenizer = try loadTokenizer(Array(tiny.replacingCharacters(in: merges, with: pairs).utf8), path: "t.json")
    for example in try Golden.read().awkward { #expect(tokenizer.encode(example.text) == example.ids) }
  }

  @Test func aTemplateMayTakeThePlaceOfRobertaProcessing() throws {
    let old = try #require(tiny.firstRange(of: /"post_processor":\{[^}]*\}/))
    let template = """
      "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"<|startoftext|>","type_id":0}},
      {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"<|endoftext|>","type_id":0}}],"pair":[],
      "special_tokens":{"<|startoftext|>":{"id":"<|startoftext|>","ids":[571],"tokens":["<|startoftext|>"]},
      "<|endoftext|>":{"id":"<|endoftext|>","ids":[572],"tokens":["<|endoftext|>"]}}}
      """
    let json = tiny.replacingCharacters(in: old, with: template)
    #expect(try loadTokenizer(Array(json.utf8), path: "t.json").encode("") == [571, 572])
    #expect(message(json.replacingOccurrences(of: "\"ids\":[572]", with: "\"ids\":[9]")).contains("has id 9, but 572"))
  }

  @Test func addedTokensAreFoundBeforeWords() throws {
    let more = """
      {"id":573,"content":"<|Image|>","single_word":false,"lstrip":false,"rstrip":false,"normalized":true,"special":true},
      {"id":574,"content":"<|Image|><|x|>","single_word":false,"lstrip":true,"rstrip":true,"normalized":true,"special":false}
      """
    let json = tiny.replacingOccurrences(of: "\"special\":true}],", with: "\"special\":true},\(more)],")
    let tokenizer = try loadTokenizer(Array(json.utf8), path: "t.json")
    #expect(tokenizer.vocabularySize == 575)
    let a = tokenizer.encode("a")[1]
    #expect(tokenizer.encode("a<|IMAGE|>a <|image|><|X|><|endoftext|>") == [571, a, 573, a, 574, 572, 572])
    #expect(tokenizer.decode([571, a, 573, a, 574, 572, 572]) == "a a")
    let encoded = tokenizer.encode("<|image|> a a a <|image|>", limit: 4)
    #expect(encoded == [571, 573, a, 572])
  }

  @Test func theOlderPairOfFiles() throws {
    let vocabulary = #"{"a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4,"<|startoftext|>":5,"<|endoftext|>":6}"#
    func load(_ vocabulary: String, _ merges: String) throws -> ByteLevelBPE {
      try ByteLevelBPE(vocabularyJSON: Array(vocabulary.utf8), mergesText: Array(merges.utf8))
    }
    #expect(try load(vocabulary, "#version: 0.2\na b</w>\n").encode("AB a") == [5, 4, 2, 6])
    #expect(try load(vocabulary, "a b</w>\r\n\n").encode("ab c ba") == [5, 4, 6, 1, 2, 6])
    func message(_ vocabulary: String, _ merges: String) -> String {
      do { return "\(try load(vocabulary, merges).vocabularySize)" } catch { return "\(error)" }
    }
    #expect(message(vocabulary, "#version\na b</w>\na b").hasPrefix("vocab.json: line 3 of merges.txt needs the token"))
    #expect(message(vocabulary, "#version\n\na b</w>").hasPrefix("merges.txt: line 2, \"\", is not two tokens"))
    #expect(message(vocabulary, "a b c").hasPrefix("merges.txt: line 1, \"a b c\", is not two tokens"))
    #expect(message(#"{"a":0}"#, "").contains("names \"<|startoftext|>\""))
  }
}
