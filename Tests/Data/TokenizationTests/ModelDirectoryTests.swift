import Reporting
import Settings
import Testing
import Tokenization

/// What a directory that holds only some of the files, or wrong ones, is answered with.
@Suite struct ModelDirectoryTests {
  private let vocabulary =
    #"{"a":0,"b":1,"a</w>":2,"b</w>":3,"ab</w>":4,"<s>":5,"</s>":6,"<|startoftext|>":7,"#
    + #""<|endoftext|>":8,"<pad>":9}"#
  private let words = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\ndog\n##s\nDog\n\u{E9}\ne\n"

  private func load(_ files: [String: String]) throws -> any Tokenizer {
    try loadTokenizer(directory: "model") { files[$0].map { Array($0.utf8) } }
  }

  private func message(_ files: [String: String], code: ExitCode = .badData) -> String {
    do {
      return "no error: \(try load(files).vocabularySize)"
    } catch let error as TokenizerError {
      #expect(error.exitCode == code)
      return error.description
    } catch {
      return "another error: \(error)"
    }
  }

  @Test func theSmallFilesNameTheSpecialTokens() throws {
    let files = ["vocab.json": vocabulary, "merges.txt": "a b</w>"]
    #expect(try load(files).encode("ab") == [7, 4, 8])
    let configuration = #"{"bos_token":"<s>","eos_token":{"content":"</s>","normalized":false},"pad_token":"<pad>"}"#
    let named = try load(files.merging(["tokenizer_config.json": configuration]) { $1 })
    #expect(named.encode("ab<pad>a") == [5, 4, 9, 2, 6])
    #expect(named.padToken == 9)
    let map = #"{"bos_token":"<|startoftext|>","unk_token":"a"}"#
    let both = files.merging(["tokenizer_config.json": configuration, "special_tokens_map.json": map]) { $1 }
    #expect(try load(both).encode("c") == [7, 0, 6])
  }

  /// As transformers 4.57's and 5.24's CLIPTokenizer cut these: a word added is one token, in any case where it is looked
  /// for in the normalised text.
  @Test func addedWordsAreOneTokenEach() throws {
    let files = ["vocab.json": vocabulary, "merges.txt": "a b</w>"]
    let added = files.merging(["added_tokens.json": #"{"<x>":10,"aab":11}"#]) { $1 }
    #expect(try load(added).encode("b <x> AAB ab") == [7, 3, 10, 11, 4, 8] && load(added).vocabularySize == 12)
    let configuration = """
      {"added_tokens_decoder":{"10":{"content":"<X>","normalized":false},"11":{"content":"aab","normalized":true}}}
      """
    let listed = try load(added.merging(["tokenizer_config.json": configuration]) { $1 })
    #expect(listed.encode("<X>aab<x>")[1...2] == [10, 11] && listed.vocabularySize == 12)
    let words = ["vocab.txt": words, "added_tokens.json": #"{"<x>":10}"#]
    #expect(try load(words).encode("dog <x>dogs") == [2, 5, 10, 5, 6, 3])
    // tokenizer.json is the whole of it: what it does not list is not passed over.
    let json = String(decoding: try load(files).huggingFaceJSON(), as: UTF8.self)
    let whole = ["tokenizer.json": json, "added_tokens.json": #"{"<x>":10}"#]
    #expect(message(whole, code: .configuration).contains("does not list \"<x>\""))
  }

  @Test func settingsOfTheTokenizerAreKnownOrRefused() throws {
    let files = ["vocab.json": vocabulary, "merges.txt": "a b</w>"]
    for setting in [#""padding_side":"left""#, #""additional_special_tokens":["<z>"]"#, #""lowercases_twice":true"#] {
      #expect(throws: SettingsError.self) { try load(files.merging(["tokenizer_config.json": "{\(setting)}"]) { $1 }) }
    }
  }

  /// A tokenizer.json that asks for other rules, beside the two files that it was made from.
  @Test func anOldTokenizerJSONGivesWayToItsSources() throws {
    let files = ["vocab.json": vocabulary, "merges.txt": "a b</w>"]
    let old = String(decoding: try load(files).huggingFaceJSON(), as: UTF8.self)
      .replacing(#""type":"Lowercase""#, with: #""type":"StripAccents""#)
    #expect(try load(files.merging(["tokenizer.json": old]) { $1 }).encode("AB") == [7, 4, 8])
    #expect(message(["tokenizer.json": old], code: .configuration).contains("StripAccents"))
  }

  @Test func openCLIPsOwnTokenizerIsOffered() {
    #expect(message(["open_clip_config.json": "{}"], code: .missingInput).contains("openai/clip-vit-base-patch32"))
  }

  @Test func aVocabularyOfLines() throws {
    #expect(try load(["vocab.txt": words]).encode("Dogs \u{E9}") == [2, 5, 6, 9, 3])
    #expect(try load(["vocab.txt": words.replacing("\n", with: "\r\n")]).encode("Dogs") == [2, 5, 6, 3])
    let cased = try load(["vocab.txt": words, "tokenizer_config.json": #"{"do_lower_case":false}"#])
    #expect(cased.encode("Dogs dog \u{E9}[MASK]") == [2, 7, 6, 5, 8, 4, 3])
    let accents = #"{"do_lower_case":true,"strip_accents":false,"tokenize_chinese_chars":false}"#
    #expect(try load(["vocab.txt": words, "tokenizer_config.json": accents]).encode("\u{C9}") == [2, 8, 3])
  }

  @Test func tokenizerJSONComesFirst() throws {
    let json = try load(["vocab.txt": words]).huggingFaceJSON()
    let files = ["tokenizer.json": String(decoding: json, as: UTF8.self), "vocab.json": "broken", "vocab.txt": "x"]
    #expect(try load(files).huggingFaceJSON() == json)
  }

  @Test func whatIsMissingIsNamed() {
    #expect(
      message([:], code: .missingInput) == "model: no tokenizer is here; it needs tokenizer.json, or vocab.json and "
        + "merges.txt, or vocab.txt: copy them from the page of the model")
    #expect(
      message(["vocab.json": vocabulary], code: .missingInput)
        == "model: vocab.json is here, but merges.txt is not; copy it from the page of the model")
  }

  @Test func wrongFiles() {
    #expect(message(["tokenizer.json": "{"]).hasPrefix("model/tokenizer.json:1: not valid JSON"))
    #expect(message(["tokenizer.json": "[]"]).hasPrefix("model/tokenizer.json: the file must be an object"))
    #expect(message(["tokenizer.json": #"{"model":{}}"#]).hasPrefix("model/tokenizer.json: "))
    let pair = ["vocab.json": vocabulary, "merges.txt": "a b</w>"]
    func changed(_ name: String, _ text: String) -> String { message(pair.merging([name: text]) { $1 }) }
    #expect(changed("tokenizer_config.json", "[]").contains("model/tokenizer_config.json: not a JSON object"))
    #expect(changed("tokenizer_config.json", #"{"bos_token":3}"#).contains("bos_token must be a text in quotes"))
    #expect(
      changed("tokenizer_config.json", #"{"do_lower_case":"no"}"#).contains("do_lower_case must be true or false"))
    #expect(changed("special_tokens_map.json", #"{"eos_token":"</x>"}"#).contains("names \"</x>\""))
    #expect(changed("special_tokens_map.json", #"{"pad_token":"[PAD]"}"#).contains("pad_token names \"[PAD]\""))
    #expect(changed("special_tokens_map.json", #"{"bos_token":{}}"#).contains("bos_token.content is missing"))
    #expect(changed("merges.txt", "a  b").hasPrefix("model/merges.txt: line 1"))
    #expect(changed("vocab.json", #"{"a":0,"a":1}"#).contains("\"a\" is there twice"))
    #expect(changed("vocab.json", #"{"a":7}"#).hasPrefix("model/vocab.json: "))
  }

  @Test func wrongVocabulariesOfLines() {
    #expect(message(["vocab.txt": ""]).hasPrefix("model/vocab.txt: cls_token names \"[CLS]\""))
    #expect(message(["vocab.txt": words + "dog\n"]).hasPrefix("model/vocab.txt: \"dog\" is there twice"))
    let files = ["vocab.txt": words, "tokenizer_config.json": #"{"unk_token":"<unk>"}"#]
    #expect(message(files).hasPrefix("model/vocab.txt: unk_token names \"<unk>\""))
    let notText = {
      try loadTokenizer(directory: "m") { $0 == "vocab.txt" ? Array("[CLS]\n".utf8) + [0xFF, 0x0A] : nil }
    }
    let error = #expect(throws: TokenizerError.self) { try notText() }
    #expect(error?.description.hasPrefix("m/vocab.txt:2: the line is not UTF-8") == true)
  }

  @Test func anErrorOfTheReaderComesThrough() {
    struct Unreadable: Error {}
    #expect(throws: Unreadable.self) { try loadTokenizer(directory: "m") { _ in throw Unreadable() } }
  }
}
