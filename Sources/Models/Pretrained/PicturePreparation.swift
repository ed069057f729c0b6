internal import Files
internal import Images
internal import Settings

/// What a directory says of its pictures.
enum PicturePreparation {
  /// They become squares.
  case squares(Preprocessing)
  /// They keep their shape.
  case shaped(ShapedPreprocessing)
}

/// What a directory says of its pictures; where it says nothing, the usual way. As in transformers a `processor_config.json`
/// with an image processor in it wins over a `preprocessor_config.json` that an older version left there.
///
/// - Parameters:
///   - isOpenCLIP: whether open_clip's configuration is the architecture: then it decides here too.
///   - usual: what the model has where nobody says.
///   - readsExtents: whether the model takes pictures of any shape.
/// - Returns: how pictures become squares, and how they are prepared where they keep their shape.
func picturePreparation(
  in directory: String, isOpenCLIP: Bool, usual: Preprocessing, readsExtents: @autoclosure () -> Bool
) throws -> (squares: Preprocessing, shaped: ShapedPreprocessing?) {
  let theirs = [PreparationFile.processor, .preprocessor]
  for file in isOpenCLIP ? [.openCLIP] + theirs : theirs + [.openCLIP] {
    let path = directory + "/" + file.rawValue
    switch try file.read(path) {
    case .squares(let found)?:
      guard found.imageSize == usual.imageSize else {
        throw PretrainedError.badModel(
          path: path, problem: "crops to \(found.imageSize) pixels, the model takes \(usual.imageSize)")
      }
      return (found, nil)
    case .shaped(let found)?:
      guard readsExtents() else {
        throw PretrainedError.badModel(
          path: path, problem: "pictures keep their shape, and the model takes squares of \(usual.imageSize) pixels")
      }
      var squares = found.squashed(to: usual.imageSize)
      squares.centring = .down
      return (squares, found)
    case nil: continue
    }
  }
  var usual = usual
  if !isOpenCLIP { usual.centring = .down }  // as CLIPImageProcessor does it
  return (usual, nil)
}

/// What a directory of an image tower says of its pictures; nil where it says nothing.
func statedPreparation(in directory: String) throws -> Preprocessing? {
  for file in [PreparationFile.processor, .preprocessor] {
    let path = directory + "/" + file.rawValue
    switch try file.read(path) {
    case .squares(let found)?: return found
    case .shaped?:
      throw PretrainedError.badModel(path: path, problem: "pictures keep their shape, and a tower takes squares")
    case nil: continue
    }
  }
  return nil
}

private enum PreparationFile: String {
  case processor = "processor_config.json"
  case preprocessor = "preprocessor_config.json"
  case openCLIP = "open_clip_config.json"

  /// - Returns: nil where there is no such file, or it says nothing of pictures.
  func read(_ path: String) throws -> PicturePreparation? {
    guard fileExists(path) else { return nil }
    let bytes = try readFile(path, limit: 1 << 20)
    guard self != .openCLIP else { return .squares(try Preprocessing(openCLIPJSON: bytes, file: path)) }
    let file = try Settings(json: bytes, file: path)
    guard let stated = self == .processor ? try file.imageProcessor() : file else { return nil }
    if let shaped = try ShapedPreprocessing(huggingFace: stated) { return .shaped(shaped) }
    var found = try Preprocessing(huggingFace: stated)
    found.centring = .down  // the file is transformers'
    return .squares(found)
  }
}
