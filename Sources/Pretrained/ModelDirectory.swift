public import Checkpoints
internal import Files
internal import Foundation
public import Images
public import Layers
public import Models
public import TensorEngine
public import Tokenization

/// A model on disk: a checkpoint of mmtrain's, or what transformers or open_clip wrote. Everything but its weights is
/// read when this is made.
public struct ModelDirectory {
  /// The directory.
  public let path: String
  public let description: ModelDescription
  /// The tokenizer as a `tokenizer.json`.
  public let tokenizerJSON: [UInt8]
  public let tokenizer: any Tokenizer
  public let preprocessing: Preprocessing
  /// The directory, or the file in it that was named.
  private let weights: String

  /// - Parameter path: a directory, or a `.safetensors` file with the model's other files beside it.
  /// - Throws: `PretrainedError`, `TokenizerError`, the errors of reading.
  public init(path: String) throws {
    guard fileExists(path) else { throw FileError.missing(path: path) }
    weights = path
    let directory = isDirectory(path) ? path : parentDirectory(of: path)
    self.path = directory
    let configuration = try ModelConfigurationFile(in: directory)
    tokenizer = try loadTokenizer(directory: directory) { name in
      let path = directory + "/" + name
      return fileExists(path) ? try readFile(path, limit: 64 << 20) : nil
    }
    tokenizerJSON = try tokenizer.huggingFaceJSON()
    description = try configuration.description(tokenizer)
    preprocessing = try Self.preprocessing(in: directory, imageSize: description.imageSize)
    guard tokenizer.vocabularySize <= description.text.vocabularySize else {
      throw PretrainedError.badModel(
        path: directory,
        problem: "its tokenizer has "
          + "\(tokenizer.vocabularySize) tokens, the model has embeddings for "
          + "\(description.text.vocabularySize); put the model's own tokenizer there")
    }
  }

  /// What the directory says of its pictures; where it says nothing, CLIP's way.
  private static func preprocessing(in directory: String, imageSize: Int) throws -> Preprocessing {
    let (ours, theirs) = (directory + "/preprocessor_config.json", directory + "/open_clip_config.json")
    let path: String
    var preprocessing: Preprocessing
    if fileExists(ours) {
      path = ours
      preprocessing = try Preprocessing(huggingFaceJSON: readFile(ours, limit: 1 << 20))
      preprocessing.centring = .down  // the file is transformers'
    } else if fileExists(theirs) {
      path = theirs
      preprocessing = try Preprocessing(openCLIPJSON: readFile(theirs, limit: 1 << 20))
    } else {
      path = directory
      preprocessing = .clip(imageSize: imageSize)
    }
    guard preprocessing.imageSize == imageSize else {
      throw PretrainedError.badModel(
        path: path, problem: "crops to \(preprocessing.imageSize) pixels, the model takes \(imageSize)")
    }
    return preprocessing
  }

  /// What loading the weights would come to.
  public func loadingReport() throws -> LoadingReport {
    let builder = ParameterBuilder()
    _ = ImageTextModel(description, builder)
    return try Pretrained.loadingReport(builder.parameters.flatMap(\.slices), from: weights)
  }

  /// Throws `CheckpointError.mismatch` unless the weights have the names and shapes that the configuration asks for: to be
  /// called before memory is taken for sizes that come from outside.
  public func requireFittingWeights() throws {
    let report = try loadingReport()
    if !report.isExact { throw CheckpointError.mismatch(path: weights, report: report) }
  }

  /// Fills the arena; the names and shapes must be the model's, no more and no fewer.
  /// - Parameter allowsNotFinite: whether NaN and infinite values are taken; the report then names their tensors.
  @discardableResult
  public func loadWeights(
    into arena: ParameterArena, allowsNotFinite: Bool = false, threads: ThreadPool? = nil
  ) throws -> LoadingReport {
    try Pretrained.loadWeights(from: weights, into: arena, allowsNotFinite: allowsNotFinite, threads: threads)
  }
}

/// The file that says what architecture a directory's weights have.
private enum ModelConfigurationFile {
  case huggingFace(path: String, ModelDescription)
  case openCLIP(path: String, OpenCLIPConfiguration)

  init(in directory: String) throws {
    let (ours, theirs) = (directory + "/config.json", directory + "/open_clip_config.json")
    if fileExists(ours) {
      if let description = try Self.read(ours, orElse: fileExists(theirs), { try ModelDescription(json: $0) }) {
        self = .huggingFace(path: ours, description)
        return
      }
    } else if !fileExists(theirs) {
      if isDirectory(directory + "/last") {
        throw PretrainedError.runInsteadOfModel(path: directory, hasBest: isDirectory(directory + "/best"))
      }
      throw PretrainedError.noConfiguration(path: directory)
    }
    guard let found = try Self.read(theirs, orElse: false, { try OpenCLIPConfiguration(json: $0) }) else {
      throw PretrainedError.noConfiguration(path: directory)
    }
    self = .openCLIP(path: theirs, found)
  }

  /// - Parameter hasAlternative: whether another file may say it, so that nil comes back instead of an error.
  private static func read<Value>(
    _ path: String, orElse hasAlternative: Bool, _ parse: ([UInt8]) throws -> Value
  ) throws -> Value? {
    do {
      return try parse(readFile(path, limit: 1 << 20))
    } catch let error as DecodingError {
      if hasAlternative { return nil }
      throw PretrainedError.badModel(path: path, problem: sentence(error))
    }
  }

  func description(_ tokenizer: any Tokenizer) throws -> ModelDescription {
    switch self {
    case .huggingFace(let path, let description): return try checked(description, path)
    case .openCLIP(let path, let configuration):
      let tokens = (tokenizer.startToken, tokenizer.endToken)
      return try checked(configuration.description(path: path, tokens: tokens), path)
    }
  }

  private func checked(_ description: ModelDescription, _ path: String) throws -> ModelDescription {
    if let flaw = description.flaw { throw PretrainedError.badModel(path: path, problem: flaw) }
    return description
  }
}

private func sentence(_ error: DecodingError) -> String {
  switch error {
  case .keyNotFound(let key, _): return "the key \(snakeCase(key.stringValue)) is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
    let key = context.codingPath.map { snakeCase($0.stringValue) }.joined(separator: ".")
    return (key.isEmpty ? "" : key + ": ") + context.debugDescription
  @unknown default: return "\(error)"
  }
}

/// A key as the files spell it.
private func snakeCase(_ name: String) -> String {
  name.reduce(into: "") { $0 += $1.isUppercase ? "_" + $1.lowercased() : String($1) }
}
