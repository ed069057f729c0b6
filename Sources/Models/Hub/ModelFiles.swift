internal import Files
internal import FoundationEssentials
internal import Reporting

/// Which of a repository's files make a model.
enum ModelFiles {
  /// What a model is, and how its inputs are made; at least one of the first two.
  static let descriptions = [
    "config.json", "open_clip_config.json", "processor_config.json", "preprocessor_config.json",
    "audio_preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json", "vocab.json", "merges.txt", "vocab.txt", "special_tokens_map.json", "added_tokens.json",
  ]
  static let configurations = ["config.json", "open_clip_config.json"]
  static let index = "model.safetensors.index.json"
  private static let transformersWeights = ["model.safetensors", index]
  private static let openCLIPWeights = ["open_clip_model.safetensors"]

  /// The first of these that is there is taken: those that belong to the architecture. Where `open_clip_config.json` states
  /// that, `config.json` is of another model, and its weights are of no use.
  static func weights(isOpenCLIP: Bool) -> [String] {
    isOpenCLIP ? openCLIPWeights + transformersWeights : transformersWeights + openCLIPWeights
  }
  /// Weights that are refused, to say that they were seen.
  static let otherWeights = [
    "pytorch_model.bin", "pytorch_model.bin.index.json", "open_clip_pytorch_model.bin", "tf_model.h5",
    "flax_model.msgpack",
  ]
}

/// The files of weights that an index names, each once, sorted.
///
/// - Throws: `HubError.badIndex`: the names become paths, so that they may be nothing but plain file names.
func shards(ofIndexAt path: String, name: String) throws -> [String] {
  struct Index: Decodable {
    var files: [String: String]
    enum CodingKeys: String, CodingKey { case files = "weight_map" }
  }
  let bytes = try readFile(path, limit: 1 << 26)
  guard let index = try? JSONDecoder().decode(Index.self, from: Data(bytes)) else {
    throw HubError.badIndex(name: name, reason: "no JSON object with a weight_map of names to files")
  }
  let shards = Set(index.files.values).sorted()
  guard (1...1000).contains(shards.count) else {
    throw HubError.badIndex(name: name, reason: "\(shards.count) files of weights; 1 to 1000 are allowed")
  }
  for shard in shards where !isPlainWeightsName(shard) {
    throw HubError.badIndex(name: name, reason: "the file name '\(shard)' is refused")
  }
  return shards
}

private func isPlainWeightsName(_ name: String) -> Bool {
  name.hasSuffix(".safetensors") && !name.hasPrefix(".") && name.utf8.count <= 200
    && name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
        true
      default: false
      }
    }
}
