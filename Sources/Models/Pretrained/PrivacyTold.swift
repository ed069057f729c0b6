internal import Checkpoints
internal import Files

/// What a model's weights say that they give away of the data that they were learnt from: names and values with `privacy.` before them. None
/// for weights that were not learnt privately, or that do not say so.
/// - Parameter path: a directory or a file.
public func privacyTold(of path: String) throws -> [(key: String, value: String)] {
  let isAdapter = try Adapter.find(path) != nil
  let file =
    try isAdapter && isDirectory(path)
    ? path + "/" + Adapter.weightsName : isAdapter ? path : modelWeightsPath(at: path)
  guard file.hasSuffix(".safetensors") else { return [] }
  return try SafetensorsFile(path: file).metadata.filter { $0.key.hasPrefix("privacy.") }
}
