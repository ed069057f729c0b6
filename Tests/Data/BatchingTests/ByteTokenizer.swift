import Tokenization

/// Every byte is a token.
struct ByteTokenizer: Tokenizer {
  let vocabularySize = 258
  let startToken: Int32 = 256
  let endToken: Int32 = 257
  let padToken: Int32 = 257
  let sourceJSON: [UInt8]? = nil

  var maskingVocabulary: MaskingVocabulary { preconditionFailure("nothing is masked here") }

  func encodeBody(_ text: String, limit: Int) -> [Int32] { text.utf8.prefix(limit).map { Int32($0) } }
  func decode(_ ids: [Int32]) -> String {
    String(decoding: ids.filter { $0 < 256 }.map { UInt8($0) }, as: UTF8.self)
  }
  func huggingFaceJSON() throws -> [UInt8] { [] }
}
