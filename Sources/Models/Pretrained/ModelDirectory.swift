public import Audio
public import Checkpoints
internal import Files
public import Images
public import Layers
public import Models
public import TensorEngine
public import Tokenization

/// A model on disk: a checkpoint of mmtrain's, what transformers or open_clip wrote, or an adapter with the model that it
/// belongs to. Everything but its weights is read when this is made.
public struct ModelDirectory {
  /// The directory.
  public let path: String
  public let description: any ModelDescription
  /// The tokenizer as a `tokenizer.json`; empty for a model that reads no texts.
  public let tokenizerJSON: [UInt8]
  public let tokenizer: any Tokenizer
  /// How pictures become squares.
  public let preprocessing: Preprocessing
  /// How clips become rows; nil where the model hears none.
  public let clips: AudioPreprocessing?
  /// How pictures are prepared where they keep their shape; nil where the model reads squares.
  public let shaped: ShapedPreprocessing?
  /// The directory, or the file in it that was named.
  private let weights: String

  /// - Parameter path: a directory, or a `.safetensors` file with the model's other files beside it.
  /// - Throws: `PretrainedError`, `TokenizerError`, the errors of reading.
  public init(path: String) throws {
    guard fileExists(path) else { throw FileError.missing(path: path) }
    weights = path
    self.path = isDirectory(path) ? path : parentDirectory(of: path)
    let adapter = try Adapter.find(path)
    let directory = adapter?.filesDirectory ?? self.path
    let architecture = try ArchitectureFile(in: directory)
    if architecture.readsTexts {
      tokenizer = try loadTokenizer(directory: directory) { name in
        let path = directory + "/" + name
        return fileExists(path) ? try readFile(path, limit: 64 << 20) : nil
      }
    } else {
      tokenizer = NoTokens()
    }
    tokenizerJSON = try tokenizer.huggingFaceJSON()
    description = try architecture.description(tokenizer).foldedLike(weightsAt: adapter?.base ?? path)
      .fitting(weightsAt: adapter?.base ?? path)
    if description.images.modality == .audio {
      (preprocessing, shaped) = (description.usualPreprocessing, nil)
    } else {
      (preprocessing, shaped) = try picturePreparation(
        in: directory, isOpenCLIP: isOpenCLIP(directory), usual: description.usualPreprocessing,
        readsExtents: description.readsExtents)
    }
    let file = description.inputs.clips == nil ? "preprocessor_config.json" : clipPreparationFile
    clips = try description.usualClips.map { try statedClipPreparation(in: directory, usual: $0, file: file) ?? $0 }
    guard tokenizer.vocabularySize <= description.texts.vocabularySize else {
      throw PretrainedError.badModel(
        path: directory,
        problem: "its tokenizer has "
          + "\(tokenizer.vocabularySize) tokens, the model has embeddings for "
          + "\(description.texts.vocabularySize); put the model's own tokenizer there")
    }
    if let writer = description.make(ParameterBuilder()) as? any TextGenerator,
      writer.decoder.bounds.stop != tokenizer.endToken
    {
      throw PretrainedError.badModel(
        path: directory,
        problem:
          "its decoder ends texts with the token \(writer.decoder.bounds.stop) (sep_token_id), its tokenizer with "
          + "\(tokenizer.endToken); put the model's own tokenizer there")
    }
    guard let end = description.texts.endToken else { return }
    guard end == tokenizer.endToken || end == TextShape.largestTokenEnds else {
      throw PretrainedError.badModel(
        path: directory,
        problem: "its configuration pools texts at the token \(end) (eos_token_id), its tokenizer ends them with "
          + "\(tokenizer.endToken); put the model's own tokenizer there")
    }
  }

  /// How pictures are prepared for it.
  public var pictures: any PixelPreparation { shaped ?? preprocessing }

  /// Refuses a model whose pictures keep their shape, for what reads squares alone.
  public func requireSquares() throws {
    guard shaped != nil else { return }
    throw PretrainedError.badModel(
      path: path,
      problem: "its pictures keep their shape, and a prepared set is read as squares; put a ViTImageProcessor's "
        + "preprocessor_config.json of \(preprocessing.imageSize) pixels in the place of its own")
  }

  /// What loading the weights would come to.
  /// - Parameter adding: puts layers on the model whose weights are read with the model's.
  public func loadingReport(
    adding: (any Model, ParameterBuilder) throws -> Void = { _, _ in }
  ) throws -> LoadingReport {
    let builder = ParameterBuilder()
    try adding(description.make(builder), builder)
    return try Pretrained.loadingReport(builder.parameters.flatMap(\.slices), from: weights)
  }

  /// Throws `CheckpointError.mismatch` unless the weights have the names and shapes that the configuration asks for: to be
  /// called before memory is taken for sizes that come from outside.
  public func requireFittingWeights(
    adding: (any Model, ParameterBuilder) throws -> Void = { _, _ in }
  ) throws {
    let report = try loadingReport(adding: adding)
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

extension ModelDescription {
  /// Whether its image encoder takes pictures of any shape.
  fileprivate var readsExtents: Bool {
    (make(ParameterBuilder()) as? any ImageModel)?.imageEncoder.readsExtents == true
  }
}
