internal import Checkpoints
internal import Files
internal import Foundation
internal import Layers
internal import Models
internal import Tokenization

/// Writes a model of drawn weights that sees regions or cells of photos.
/// - Parameters:
///   - golden: a directory below `Tests/Golden`, whose sizes and heads it gets.
///   - tower: of images, which makes the regions, as its own `config.json`; nil leaves what makes them as it is.
///   - sizes: in the place of its own.
public func writeRegionModel(
  like golden: String, tower: [UInt8]? = nil, sizes changed: [String: Int] = [:], in path: String
) throws {
  try makeDirectory(path)
  let tokenizer = try readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json")
  let file = try JSONSerialization.jsonObject(with: Data(readFile("\(goldenDirectory)/\(golden)/config.json")))
  var sizes = file as? [String: Any] ?? [:]
  sizes["vocab_size"] = try loadTokenizer(tokenizer, path: "tiny-tokenizer.json").vocabularySize
  if let tower {
    sizes["vision_config"] = try JSONSerialization.jsonObject(with: Data(tower))
    for key in ["img_dim", "v_feature_size"] { sizes[key] = nil }
  }
  sizes.merge(changed) { $1 }
  let heads = try GoldenFile(golden + "/model.safetensors")
  let shapes = Dictionary(uniqueKeysWithValues: try heads.names.map { ($0, try heads.array($0).shape) })
  let description = try ModelCatalogue.description(json: Array(JSONSerialization.data(withJSONObject: sizes)))
  let fitting = (description as? any DescriptionOfWeights).map { $0.fitting { shapes[$0] } } ?? description
  let builder = ParameterBuilder()
  _ = fitting.make(builder)
  let tensors = builder.parameters.flatMap(\.slices).map {
    NamedTensor(
      name: $0.name, elementType: .float32, shape: $0.shape, copying: drawnWeights($0.name, shape: $0.shape))
  }
  try writeSafetensors(tensors, to: path + "/model.safetensors")
  try writeAtomically(fitting.json(), to: path + "/config.json")
  try writeAtomically(tokenizer, to: path + "/tokenizer.json")
}
