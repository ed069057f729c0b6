internal import Files

/// The towers of Tests/Golden in directories of their own, as a run begins from them: a ViT of 24 pixels and a BERT of 40 tokens
/// and 12 positions, both 24 wide.
public struct TinyTowers: Sendable {
  public let vision: String
  public let text: String

  /// - Parameter place: a directory that is there.
  public init(in place: String) throws {
    (vision, text) = (place + "/vit", place + "/bert")
    for (name, golden) in [(vision, "vit-tiny"), (text, "bert-tiny")] {
      try makeDirectory(name)
      for file in ["config.json", "model.safetensors"] {
        try writeAtomically(readFile("\(goldenDirectory)/\(golden)/\(file)"), to: "\(name)/\(file)")
      }
    }
    let tokenizer = goldenDirectory + "/dual-encoder-tiny/vit/tokenizer.json"
    try writeAtomically(readFile(tokenizer), to: text + "/tokenizer.json")
  }

  /// Directories that are there already.
  public init(vision: String, text: String) { (self.vision, self.text) = (vision, text) }

  /// What sentence-transformers writes beside a transformer: a pooling and a norm.
  /// - Parameters:
  ///   - pooling: the content of the pooling's file.
  ///   - more: further modules, by the ends of their types.
  public func makeSentenceModel(pooling: String, more: [String] = [], limit: Int? = nil) throws {
    let kinds = ["Transformer", "Pooling"] + more + ["Normalize"]
    let modules = kinds.enumerated().map { index, kind in
      let path = index == 0 ? "" : "\(index)_\(kind)"
      return
        #"{"idx": \#(index), "name": "\#(index)", "path": "\#(path)", "type": "sentence_transformers.models.\#(kind)"}"#
    }
    try writeAtomically("[\(modules.joined(separator: ", "))]".utf8, to: text + "/modules.json")
    try makeDirectory(text + "/1_Pooling")
    try writeAtomically(pooling.utf8, to: text + "/1_Pooling/config.json")
    guard let limit else { return }
    try writeAtomically(
      #"{"max_seq_length": \#(limit), "do_lower_case": false}"#.utf8, to: text + "/sentence_bert_config.json")
  }
}
