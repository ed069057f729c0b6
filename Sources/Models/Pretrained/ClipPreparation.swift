public import Audio
internal import Files
public import Images

/// What a directory says of its clips; nil where it says nothing.
/// - Parameter usual: what the model has where nobody says.
/// - Throws: `PretrainedError.badModel` for bands that the model does not take.
func statedClipPreparation(in directory: String, usual: AudioPreprocessing) throws -> AudioPreprocessing? {
  let path = directory + "/preprocessor_config.json"
  guard fileExists(path) else { return nil }
  let found = try AudioPreprocessing(huggingFaceJSON: readFile(path, limit: 1 << 20), file: path)
  guard found.bands == usual.bands, found.maximumFrames == usual.maximumFrames else {
    throw PretrainedError.badModel(
      path: path,
      problem: "clips become \(found.maximumFrames) frames of \(found.bands) bands, and the model takes "
        + "\(usual.maximumFrames) of \(usual.bands)")
  }
  return found
}

/// The `preprocessor_config.json` of a model: of its clips where it hears some, else of its pictures.
public func preprocessorJSON(_ pictures: Preprocessing, clips: AudioPreprocessing?) -> [UInt8] {
  clips.flatMap { $0.huggingFaceJSON() } ?? pictures.huggingFaceJSON()
}
