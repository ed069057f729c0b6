internal import Files
internal import Images
internal import Layers
internal import Models
internal import Pretrained
internal import TensorEngine

/// What features were made with: features of two models, or of two ways to prepare a photo, do not fit each other.
public struct ModelStamp: Sendable, Equatable {
  /// As a person names the model; says nothing about what is in it.
  public var name: String
  /// Equal for models with the same architecture, weights, tokenizer and preprocessing, in whatever layout they lie.
  public var fingerprint: String
  public var precision: String

  public init(name: String, fingerprint: String, precision: String) {
    (self.name, self.fingerprint, self.precision) = (name, fingerprint, precision)
  }
}

extension LoadedModel {
  /// - Parameter name: the name to remember the model by.
  public func stamp(name: String) throws -> ModelStamp {
    ModelStamp(name: name, fingerprint: try fingerprint(), precision: precision.rawValue)
  }

  /// The SHA-256 of all that decides the features, with a short hash in the place of each weight array: it tells models
  /// apart that are different by mistake, and takes a fraction of the time that a SHA-256 of all weights would.
  private func fingerprint() throws -> String {
    let slices = arena.slices
    let digest = StreamingSHA256()
    digest.update(try directory.description.json())
    digest.update(
      directory.shaped?.huggingFaceJSON()
        ?? preprocessorJSON(directory.preprocessing, clips: directory.clips, of: directory.description)
        + Array(directory.preprocessing.centring.rawValue.utf8))
    for file in clipPreparationFiles(directory.clips, of: directory.description) { digest.update(file.bytes) }
    digest.update(directory.tokenizerJSON)
    for (slice, hash) in zip(slices, arena.hashes(of: slices, threads: engine.threads)) {
      digest.update(Array("\(slice.name) \(slice.shape) \(hash)\n".utf8))
    }
    return digest.finish()
  }
}

extension LoadedModel {
  /// Refuses features that another model made.
  /// - Throws: `InferenceError.otherModel`.
  public func require(_ file: FeatureFile, path: String, name: String) throws {
    for table in [file.images, file.texts] {
      guard let width = table?.features.width, width != embeddingWidth else { continue }
      throw InferenceError.badFeatureFile(
        path: path, problem: "its features have \(width) numbers, the model's \(embeddingWidth)")
    }
    let stamp = file.stamp
    let own = try self.stamp(name: name)
    guard own.fingerprint == stamp.fingerprint else {
      throw InferenceError.otherModel(index: path, madeWith: stamp, query: own)
    }
  }
}
