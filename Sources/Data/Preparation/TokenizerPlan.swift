internal import Tokenization

/// Where the set's tokenizer comes from; a given one is checked before any work is done.
enum TokenizerPlan {
  case train(vocabularySize: Int)
  case given(json: [UInt8], vocabularySize: Int)

  init(_ choice: PreparationRequest.TokenizerChoice) throws {
    switch choice {
    case .train(let size): self = .train(vocabularySize: size)
    case .given(let json, let path):
      self = .given(json: json, vocabularySize: try loadTokenizer(json, path: path).vocabularySize)
    }
  }

  /// The content of `tokenizer.json`; nil where there are no texts to learn from.
  func json(trainingOn texts: [String], of kind: String, describingIn report: inout PreparationReport) throws
    -> [UInt8]?
  {
    switch self {
    case .given(let json, let size):
      report.tokenizer = "given, \(size) tokens"
      return json
    case .train where texts.isEmpty:
      report.tokenizer = "none: there are no texts to train one on"
      return nil
    case .train(let limit):
      let tokenizer = try BPETrainer(vocabularySize: limit).train(captions: texts)
      report.tokenizer =
        "byte-level BPE of \(tokenizer.vocabularySize) tokens, trained on \(texts.count) \(kind)"
      return tokenizer.huggingFaceJSON()
    }
  }
}
