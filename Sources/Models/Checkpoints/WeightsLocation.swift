internal import Files

/// The weights that a path means: the file itself, or in a directory the file, or the index of several files, of Hugging
/// Face's or open_clip's layout.
///
/// - Parameter prefersOpenCLIP: which of the two is taken where both are there.
/// - Throws: `SafetensorsError.pickle` where there is nothing but pickled weights, with the way out, and `.otherFormat` for
///   other formats.
public func weightsPath(at path: String, prefersOpenCLIP: Bool = false) throws -> String {
  guard isDirectory(path) else {
    guard fileExists(path) else { throw FileError.missing(path: path) }
    return path
  }
  let (theirs, openCLIP) = ([MemberName.weights, MemberName.weights + ".index.json"], ["open_clip_model.safetensors"])
  for name in prefersOpenCLIP ? openCLIP + theirs : theirs + openCLIP where fileExists(path + "/" + name) {
    return path + "/" + name
  }
  let names = try directoryEntries(path)
  if let pickle = names.first(where: { name in [".bin", ".pt", ".pth", ".ckpt"].contains { name.hasSuffix($0) } }) {
    throw SafetensorsError.pickle(path: path + "/" + pickle)
  }
  for name in names {
    if let format = WeightFormat(name) { throw SafetensorsError.otherFormat(path: path + "/" + name, format: format) }
  }
  throw CheckpointError.noWeights(
    path: path, problem: "no model.safetensors in this directory; name a checkpoint or a .safetensors file")
}
