internal import Files

/// The safetensors file that a path means: the file itself, or the weights in a directory of Hugging Face layout.
///
/// Throws `SafetensorsError.pickle` where there is nothing but pickled weights, with the way out.
public func weightsPath(at path: String) throws -> String {
  guard isDirectory(path) else {
    guard fileExists(path) else { throw FileError.missing(path: path) }
    return path
  }
  for name in [MemberName.weights, "open_clip_model.safetensors"] where fileExists(path + "/" + name) {
    return path + "/" + name
  }
  let names = try directoryEntries(path)
  if names.contains("model.safetensors.index.json") {
    throw CheckpointError.noWeights(
      path: path,
      problem: "the weights are split over several files; in Python, model.save_pretrained(directory, "
        + "max_shard_size=\"100GB\") writes them as one")
  }
  if let pickle = names.first(where: { name in [".bin", ".pt", ".pth", ".ckpt"].contains { name.hasSuffix($0) } }) {
    throw SafetensorsError.pickle(path: path + "/" + pickle)
  }
  throw CheckpointError.noWeights(
    path: path, problem: "no model.safetensors in this directory; name a checkpoint or a .safetensors file")
}
