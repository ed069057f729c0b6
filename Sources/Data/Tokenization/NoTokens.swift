/// What stands in the place of a tokenizer beside a model that reads no texts: it has no tokens.
public struct NoTokens: Tokenizer {
  public init() {}

  public var vocabularySize: Int { 0 }
  public var startToken: Int32 { 0 }
  public var endToken: Int32 { 0 }
  public var padToken: Int32 { 0 }
  public var maskingVocabulary: MaskingVocabulary { MaskingVocabulary(tokens: [], mask: nil, start: 0, specials: []) }
  public var sourceJSON: [UInt8]? { nil }

  public func encodeBody(_ text: String, limit: Int) -> [Int32] { [] }
  public func decode(_ ids: [Int32]) -> String { "" }
  public func huggingFaceJSON() -> [UInt8] { [] }
}
