internal import Files
internal import Images

/// What a directory says of its pictures; where it says nothing, the usual way. As in transformers a `processor_config.json`
/// with an image processor in it wins over a `preprocessor_config.json` that an older version left there.
///
/// - Parameters:
///   - isOpenCLIP: whether open_clip's configuration is the architecture: then it decides here too.
///   - usual: what the model has where nobody says.
func picturePreparation(in directory: String, isOpenCLIP: Bool, usual: Preprocessing) throws -> Preprocessing {
  let theirs = [PreparationFile.processor, .preprocessor]
  for file in isOpenCLIP ? [.openCLIP] + theirs : theirs + [.openCLIP] {
    let path = directory + "/" + file.rawValue
    guard fileExists(path), var found = try file.read(readFile(path, limit: 1 << 20), path) else { continue }
    if file != .openCLIP { found.centring = .down }  // the file is transformers'
    guard found.imageSize == usual.imageSize else {
      throw PretrainedError.badModel(
        path: path, problem: "crops to \(found.imageSize) pixels, the model takes \(usual.imageSize)")
    }
    return found
  }
  var usual = usual
  if !isOpenCLIP { usual.centring = .down }  // as CLIPImageProcessor does it
  return usual
}

/// What a directory of an image tower says of its pictures; nil where it says nothing.
func statedPreparation(in directory: String) throws -> Preprocessing? {
  for file in [PreparationFile.processor, .preprocessor] {
    let path = directory + "/" + file.rawValue
    guard fileExists(path), var found = try file.read(readFile(path, limit: 1 << 20), path) else { continue }
    found.centring = .down
    return found
  }
  return nil
}

private enum PreparationFile: String {
  case processor = "processor_config.json"
  case preprocessor = "preprocessor_config.json"
  case openCLIP = "open_clip_config.json"

  func read(_ bytes: [UInt8], _ path: String) throws -> Preprocessing? {
    switch self {
    case .processor: try Preprocessing(huggingFaceProcessorJSON: bytes, file: path)
    case .preprocessor: try Preprocessing(huggingFaceJSON: bytes, file: path)
    case .openCLIP: try Preprocessing(openCLIPJSON: bytes, file: path)
    }
  }
}
