internal import Checkpoints
internal import Files
internal import Foundation
package import Images
package import Layers
package import Models
internal import TensorEngine
package import Tokenization

/// A model on disk in Hugging Face's layout: a checkpoint of mmtrain's, or a directory written by Python.
package struct ModelDirectory {
  package let path: String
  package let description: ModelDescription
  let tokenizerJSON: [UInt8]
  package let tokenizer: any Tokenizer
  package let preprocessing: Preprocessing

  /// Reads everything but the weights.
  package init(path: String) throws {
    self.path = path
    guard isDirectory(path) else { throw FileError.missing(path: path) }
    if !fileExists(path + "/config.json"), isDirectory(path + "/last") {
      throw TrainingError.runInsteadOfModel(path: path, hasBest: isDirectory(path + "/best"))
    }
    let configuration = try readFile(path + "/config.json", limit: 1 << 20)
    do {
      description = try ModelDescription(json: configuration)
    } catch let error as DecodingError {
      throw TrainingError.badModelDirectory(path: path + "/config.json", problem: sentence(error))
    }
    tokenizerJSON = try readFile(path + "/tokenizer.json", limit: 64 << 20)
    tokenizer = try loadTokenizer(tokenizerJSON, path: path + "/tokenizer.json")
    let size = description.towers.vision.imageSize
    let preprocessor = path + "/preprocessor_config.json"
    preprocessing =
      fileExists(preprocessor)
      ? try Preprocessing(huggingFaceJSON: readFile(preprocessor, limit: 1 << 20)) : .clip(imageSize: size)
    guard preprocessing.imageSize == size else {
      throw TrainingError.badModelDirectory(
        path: preprocessor, problem: "crops to \(preprocessing.imageSize) pixels, the model takes \(size)")
    }
    guard tokenizer.vocabularySize <= description.towers.text.vocabularySize else {
      throw TrainingError.badModelDirectory(
        path: path + "/tokenizer.json",
        problem: "\(tokenizer.vocabularySize) tokens, the model has embeddings for "
          + "\(description.towers.text.vocabularySize)")
    }
  }

  /// Fills the arena; the names and shapes must be the model's, no more and no fewer.
  package func loadWeights(into arena: ParameterArena) throws {
    try Training.loadWeights(from: path, into: arena)
  }
}

/// Fills the arena from a directory or a safetensors file; the names and shapes must be the model's.
/// - Parameter prefixes: parts of the model that keep the weights they have where the file has none of them at all.
func loadWeights(from path: String, into arena: ParameterArena, toleratingMissing prefixes: [String] = []) throws {
  let file = try SafetensorsFile(path: weightsPath(at: path))
  let absent = prefixes.filter { prefix in !file.entries.contains { $0.name.hasPrefix(prefix) } }
  let wanted = arena.slices.filter { slice in !absent.contains { slice.name.hasPrefix($0) } }
  let positions = ["text_model.embeddings.position_ids", "vision_model.embeddings.position_ids"]
  try file.requireExactly(wanted.map { ($0.name, $0.shape) }, ignoring: positions)
  try file.requireFinite()
  for slice in wanted { try file.copyFloats(slice.name, into: arena.weights(of: slice)) }
}

private func sentence(_ error: DecodingError) -> String {
  switch error {
  case .keyNotFound(let key, _): "the key \(key.stringValue) is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    context.codingPath.map(\.stringValue).joined(separator: ".") + ": " + context.debugDescription
  @unknown default: "\(error)"
  }
}
