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

  /// The content of `tokenizer.json`; nil where there are no captions to learn from.
  func json(trainingOn captions: [String], describingIn report: inout PreparationReport) throws -> [UInt8]? {
    switch self {
    case .given(let json, let size):
      report.tokenizer = "given, \(size) tokens"
      return json
    case .train where captions.isEmpty:
      report.tokenizer = "none: there are no captions to train one on"
      return nil
    case .train(let limit):
      let tokenizer = try BPETrainer(vocabularySize: limit).train(captions: captions)
      report.tokenizer =
        "byte-level BPE of \(tokenizer.vocabularySize) tokens, trained on \(captions.count) captions"
      return tokenizer.huggingFaceJSON()
    }
  }
}
