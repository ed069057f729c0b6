import Testing
import Tokenization

/// The tokenizer of bert-base-uncased against the ids of the Python library.
@Suite(.enabled(if: Place.hasShared, "needs ../shared/data/tokenizers (or MMTRAIN_SHARED)"))
struct WordPieceTests {
  let tokenizer: any Tokenizer

  init() throws {
    tokenizer = try loadTokenizer(Place.bytes(Place.bert("tokenizer.json")), path: "tokenizer.json")
  }

  @Test func matchesTheGoldens() throws {
    let examples = try Example.read(Place.bert("golden-bert.jsonl")).filter { $0.pair == nil }
    #expect(examples.count == 323)
    for example in examples { #expect(tokenizer.encode(example.text) == example.ids, "\(example.text)") }
  }

  @Test func matchesThePythonLibraryOnEveryCaption() throws {
    let ids = try flickrCaptions().map { tokenizer.encode($0) }
    #expect(hashes(ids, block: 1000) == (try Golden.read().flickr8kMiniBERT))
  }

  @Test func matchesThePythonLibraryOnRandomTexts() throws {
    let golden = try Golden.read()
    #expect(hashes(golden.randomTexts(2000).map { tokenizer.encode($0) }, block: 100) == golden.randomBERT)
  }

  @Test func everyScalarMatchesThePythonLibrary() throws {
    for (plane, expected) in try Golden.read().scalarsBERT.enumerated() {
      let ids = Golden.scalarTexts(plane: UInt32(plane)).map { tokenizer.encode($0) }
      #expect(hashes(ids, block: .max) == [expected], "plane \(plane)")
    }
  }

  @Test func specialTokensAndLimits() throws {
    #expect(tokenizer.vocabularySize == 30522)
    #expect([tokenizer.startToken, tokenizer.endToken, tokenizer.padToken] == [101, 102, 0])
    #expect(tokenizer.encode("surfers surfing", limit: 4) == Array(tokenizer.encode("surfers").prefix(3)) + [102])
    #expect(tokenizer.decode(tokenizer.encode("Surfers AREN'T here!")) == "surfers aren ' t here !")
  }
}

/// WordPiece by a vocabulary of eight tokens.
@Suite struct SmallWordPieceTests {
  private func json(
    normalizer: String = #""type":"BertNormalizer","clean_text":true,"handle_chinese_chars":true,"lowercase":true"#,
    pad: String = "[PAD]"
  ) -> [UInt8] {
    Array(
      """
      {"added_tokens":[{"id":2,"content":"[CLS]","normalized":false},{"id":3,"content":"[SEP]","normalized":false}],
      "normalizer":{\(normalizer)},"pre_tokenizer":{"type":"BertPreTokenizer"},
      "post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"[CLS]","type_id":0}},
      {"Sequence":{"id":"A","type_id":0}},{"SpecialToken":{"id":"[SEP]","type_id":0}}],
      "special_tokens":{"[CLS]":{"ids":[2],"tokens":["[CLS]"]},"[SEP]":{"ids":[3],"tokens":["[SEP]"]}}},
      "model":{"type":"WordPiece","unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":9,
      "vocab":{"\(pad)":0,"[UNK]":1,"[CLS]":2,"[SEP]":3,"dog":4,"##s":5,"do":6,"!":7}}}
      """.utf8)
  }

  @Test func takesTheLongestPieceFirst() throws {
    let tokenizer = try WordPiece(huggingFaceJSON: json())
    #expect(tokenizer.encode("Dogs! doss dog[SEP]cat d\u{F4}") == [2, 4, 5, 7, 6, 5, 5, 4, 3, 1, 6, 3])
    #expect(tokenizer.encode("dogssssss dogsssssss") == [2, 4, 5, 5, 5, 5, 5, 5, 1, 3])
    #expect(tokenizer.decode([2, 4, 5, 7, 1, 0, 3]) == "dogs ! [UNK] [PAD]")
    #expect(tokenizer.padToken == 0)
    #expect(try WordPiece(huggingFaceJSON: json(pad: "x")).padToken == 3)
    #expect(tokenizer.huggingFaceJSON() == json())
  }

  @Test func refusesOtherRules() {
    func message(_ normalizer: String) -> String {
      do { return "\(try WordPiece(huggingFaceJSON: json(normalizer: normalizer)))" } catch { return "\(error)" }
    }
    #expect(message(#""type":"NFC""#).hasPrefix("tokenizer.json: normalizer.type is \"NFC\""))
    #expect(message(#""type":"BertNormalizer""#).hasPrefix("tokenizer.json: normalizer.clean_text is missing"))
  }
}
