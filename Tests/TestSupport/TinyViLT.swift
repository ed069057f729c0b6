internal import Checkpoints
internal import Files
internal import Layers
internal import Models
internal import Tokenization

/// Writes a ViLT with a head for retrieval, in a directory as transformers has it, but for how pictures are prepared.
public func writeTinyViLT(in path: String) throws {
  try makeDirectory(path)
  let tokenizer = try readFile(goldenDirectory + "/tokenization/tiny-tokenizer.json")
  var sizes = ViLTConfiguration()
  sizes.vocabularySize = try loadTokenizer(tokenizer, path: "tiny-tokenizer.json").vocabularySize
  (sizes.contextLength, sizes.imageSize, sizes.patchSize, sizes.width) = (16, 32, 16, 16)
  (sizes.intermediate, sizes.layerCount, sizes.heads, sizes.hasRankOutput) = (32, 2, 2, true)
  let builder = ParameterBuilder()
  _ = ViLT(sizes, builder)
  // Larger than at the start of a training, so that photos and texts tell.
  let tensors = builder.parameters.flatMap(\.slices).map { slice in
    let isScale = slice.name.contains("norm") && slice.name.hasSuffix("weight")
    let values = (0..<slice.shape.reduce(1, *)).map { index in
      let drawn = Float((index * 37 + slice.name.utf8.count * 11) % 19 - 9) / 20
      return isScale ? 1 + drawn / 5 : drawn
    }
    return NamedTensor(name: slice.name, elementType: .float32, shape: slice.shape, copying: values)
  }
  try writeSafetensors(tensors, to: path + "/model.safetensors")
  try writeAtomically(sizes.json(), to: path + "/config.json")
  try writeAtomically(tokenizer, to: path + "/tokenizer.json")
}
