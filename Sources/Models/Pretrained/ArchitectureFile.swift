internal import Files
internal import Models
internal import Settings
internal import Tokenization

/// The file that says what architecture a directory's weights have. Where `config.json` is of a model of mmtrain's it is
/// that; else it is `open_clip_config.json`, whose weights are then open_clip's: timm's repositories hold both, and their
/// `config.json` is of the image tower alone.
enum ArchitectureFile {
  case transformers(path: String, any ModelDescription)
  case openCLIP(path: String, Settings)

  init(in directory: String) throws {
    let (ours, theirs) = (directory + "/config.json", directory + "/open_clip_config.json")
    if isOpenCLIP(directory) {
      self = .openCLIP(path: theirs, try Settings(json: readFile(theirs, limit: fileLimit), file: theirs))
    } else if fileExists(ours) {
      self = .transformers(
        path: ours, try ModelCatalogue.description(json: readFile(ours, limit: fileLimit), file: ours))
    } else {
      throw missingConfiguration(directory)
    }
  }

  /// Whether the model knows any texts.
  var readsTexts: Bool {
    switch self {
    case .transformers(_, let description): description.texts != .none
    case .openCLIP: true
    }
  }

  func description(_ tokenizer: any Tokenizer) throws -> any ModelDescription {
    switch self {
    case .transformers(let path, let description):
      return try checked(description, path)
    case .openCLIP(let path, let settings):
      // open_clip pools at the largest id, which may be that of a word that was added.
      let isLargest = Int(tokenizer.endToken) == tokenizer.vocabularySize - 1
      let end = isLargest ? tokenizer.endToken : TextShape.largestTokenEnds
      return try checked(
        ModelCatalogue.description(openCLIP: settings, tokens: (tokenizer.startToken, end)), path)
    }
  }

  private func checked(_ description: any ModelDescription, _ path: String) throws -> any ModelDescription {
    if let flaw = description.flaw { throw PretrainedError.badModel(path: path, problem: flaw) }
    return description
  }
}

private let fileLimit = 1 << 20

/// Whether the architecture of a directory is open_clip's.
func isOpenCLIP(_ directory: String) -> Bool {
  guard fileExists(directory + "/open_clip_config.json") else { return false }
  guard let bytes = try? readFile(directory + "/config.json", limit: fileLimit) else { return true }
  return !ModelCatalogue.knows(json: bytes)
}

/// A directory that is something else than a model, as what it is.
private func missingConfiguration(_ directory: String) -> PretrainedError {
  if isDirectory(directory + "/last") || isDirectory(directory + "/checkpoints") {
    return .runInsteadOfModel(path: directory, hasBest: isDirectory(directory + "/best"))
  }
  let names = (try? directoryEntries(directory))?.sorted() ?? []
  let inner = names.first { fileExists(directory + "/\($0)/config.json") }
  if names.contains("modules.json") || names.contains("config_sentence_transformers.json") {
    let model = names.first { $0.hasSuffix("CLIPModel") } ?? inner
    return .otherDirectory(
      path: directory, what: "a model of sentence-transformers (modules.json)",
      advice: model.map { "name the folder with the CLIP in it, \(directory)/\($0)" } ?? "no CLIP is in it")
  }
  if names.contains("model_index.json") {
    return .otherDirectory(
      path: directory, what: "a pipeline of diffusers (model_index.json)",
      advice: "its parts are towers without the other one; name a whole CLIP")
  }
  return .noConfiguration(path: directory)
}
