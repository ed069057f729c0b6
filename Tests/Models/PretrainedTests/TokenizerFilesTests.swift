import Files
import Foundation
import Pretrained
import TestSupport
import Testing
import Tokenization

@Suite struct TokenizerFilesTests {
  /// The files of the first releases state no model type.
  @Test(arguments: [
    ("clip", #""type": "BPE","#, "CLIPTokenizer", "bos_token"),
    ("bert", #""type": "WordPiece","#, "BertTokenizer", "cls_token"),
  ])
  func theOldestFilesHaveSideFilesToo(name: String, type: String, tokenizerClass: String, start: String) throws {
    let path = goldenDirectory + "/tokenization/published/transformers-4/\(name)/tokenizer.json"
    let typed = String(decoding: try readFile(path), as: UTF8.self)
    let json = Array(typed.replacing(type, with: "").utf8)
    #expect(json.count < typed.utf8.count)
    let tokenizer = try loadTokenizer(json, path: path)
    let files = try tokenizerSideFiles(tokenizer, json: json, contextLength: 16)
    let configuration = try #require(files.first { $0.name == "tokenizer_config.json" })
    let object = try JSONSerialization.jsonObject(with: Data(configuration.bytes)) as? [String: Any]
    #expect(object?["tokenizer_class"] as? String == tokenizerClass)
    #expect(object?[start] as? String == (name == "clip" ? "<|startoftext|>" : "[CLS]"))
  }
}
