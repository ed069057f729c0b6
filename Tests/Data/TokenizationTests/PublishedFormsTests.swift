import Foundation
import Testing
import Tokenization

/// The files that two versions of `transformers` save, and the ids they make; Tests/Golden/tokenization.py, `published`.
@Suite struct PublishedFormsTests {
  struct Published: Decodable {
    let texts: [String]
    let ids: [String: [[Int32]]]
  }

  private func folder(_ version: Int) -> URL { Place.golden.appending(path: "published/transformers-\(version)") }

  private func published(_ version: Int) throws -> Published {
    try JSONDecoder().decode(
      Published.self, from: Data(contentsOf: folder(version).appending(path: "golden.json")))
  }

  /// The tokenizer of a folder, as if the files `without` were not there.
  private func load(_ folder: URL, without: [String] = []) throws -> any Tokenizer {
    try loadTokenizer(directory: folder.path) { name in
      let url = folder.appending(path: name)
      return without.contains(name) || !FileManager.default.fileExists(atPath: url.path) ? nil : try Place.bytes(url)
    }
  }

  @Test(arguments: [4, 5], ["clip", "clip-padded", "bert", "bert-cased"])
  func filesOfTransformersMakeItsIds(version: Int, name: String) throws {
    let golden = try published(version)
    let tokenizer = try load(folder(version).appending(path: name))
    for (text, ids) in zip(golden.texts, try #require(golden.ids[name])) {
      #expect(tokenizer.encode(text) == ids, "\(text)")
    }
  }

  @Test(arguments: ["clip", "clip-padded", "bert", "bert-cased"])
  func theOlderFilesMakeThemWithoutTokenizerJSON(name: String) throws {
    let golden = try published(4)
    let tokenizer = try load(folder(4).appending(path: name), without: ["tokenizer.json"])
    let again = try loadTokenizer(tokenizer.huggingFaceJSON(), path: "again")
    for (text, ids) in zip(golden.texts, try #require(golden.ids[name])) {
      #expect(tokenizer.encode(text) == ids, "\(text)")
      #expect(again.encode(text) == ids, "\(text)")
    }
    #expect(again.padToken == tokenizer.padToken)
  }

  @Test func padTokens() throws {
    #expect(try load(folder(4).appending(path: "clip"), without: ["tokenizer.json"]).padToken == 572)
    #expect(try load(folder(4).appending(path: "clip-padded"), without: ["tokenizer.json"]).padToken == 0)
    #expect(try load(folder(4).appending(path: "bert"), without: ["tokenizer.json"]).padToken == 0)
  }

  /// The files of the first releases state no model type, and no `use_regex`.
  @Test(arguments: ["clip", "bert"]) func theOldestFilesStateNoType(name: String) throws {
    let url = folder(4).appending(path: name).appending(path: "tokenizer.json")
    var json = try String(contentsOf: url, encoding: .utf8)
    for removed in [#""type": "BPE","#, #""type": "WordPiece","#, #""byte_fallback": false,"#] {
      json = json.replacingOccurrences(of: removed, with: "")
    }
    json = json.replacing(/,\s*"(use_regex|ignore_merges)": (true|false)/, with: "")
    #expect(!json.contains("BPE") && !json.contains("use_regex"))
    let golden = try published(4)
    let tokenizer = try loadTokenizer(Array(json.utf8), path: "tokenizer.json")
    for (text, ids) in zip(golden.texts, try #require(golden.ids[name])) { #expect(tokenizer.encode(text) == ids) }
  }

  @Test func aSequenceMayHoldThePostProcessor() throws {
    let url = folder(5).appending(path: "clip/tokenizer.json")
    let json = try String(contentsOf: url, encoding: .utf8)
    let processor = try #require(json.firstRange(of: /"post_processor": (\{[^}]*\})/))
    let inner = json[processor].dropFirst(#""post_processor": "#.count)
    func message(_ steps: String) -> String {
      let changed = json.replacingCharacters(
        in: processor, with: #""post_processor": {"type": "Sequence", "processors": [\#(steps)]}"#)
      do { return "\(try loadTokenizer(Array(changed.utf8), path: "t.json").encode(""))" } catch { return "\(error)" }
    }
    #expect(message(#"{"type": "ByteLevel"}, \#(inner)"#) == "[571, 572]")
    #expect(message(#"{"type": "ByteLevel"}"#).hasPrefix("t.json: post_processor.processors is a list of 1"))
    #expect(message(#"{"type": "BertProcessing"}"#).hasPrefix("t.json: post_processor.processors[0].type is \"Bert"))
  }

  @Test func bertMayStateStartAndEndAsPairs() throws {
    let url = folder(5).appending(path: "bert/tokenizer.json")
    let json = try String(contentsOf: url, encoding: .utf8)
    let start = try #require(json.firstRange(of: /"post_processor"/)).lowerBound
    let end = try #require(json.firstRange(of: /"decoder"/)).lowerBound
    let changed = json.replacingCharacters(
      in: start..<end,
      with: #""post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, "#)
    #expect(try loadTokenizer(Array(changed.utf8), path: "t.json").encode("dog").map { $0 } == [2, 91, 3].map { $0 })
  }
}
