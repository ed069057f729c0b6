public import Audio
internal import Files
public import Images
public import Models

/// What a directory says of its clips; nil where it says nothing.
/// - Parameter usual: what the model has where nobody says.
/// - Throws: `PretrainedError.badModel` for bands that the model does not take.
/// - Parameter file: that would say it.
func statedClipPreparation(
  in directory: String, usual: AudioPreprocessing, file: String = "preprocessor_config.json"
) throws -> AudioPreprocessing? {
  let path = directory + "/" + file
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

/// The `preprocessor_config.json` of a model: of its clips where it hears them in the place of photos, else of its pictures.
public func preprocessorJSON(
  _ pictures: Preprocessing, clips: AudioPreprocessing?, of description: any ModelDescription
) -> [UInt8] {
  let own = description.inputs.clips == nil ? clips : nil
  return own.flatMap { $0.huggingFaceJSON() } ?? pictures.huggingFaceJSON()
}

/// What says how clips become rows where a model hears them beside photos, of which `preprocessor_config.json` speaks.
public let clipPreparationFile = "audio_preprocessor_config.json"

/// That file, of a model that has it.
public func clipPreparationFiles(
  _ clips: AudioPreprocessing?, of description: any ModelDescription
) -> [(name: String, bytes: [UInt8])] {
  guard description.inputs.clips != nil, let json = clips?.huggingFaceJSON() else { return [] }
  return [(clipPreparationFile, json)]
}
