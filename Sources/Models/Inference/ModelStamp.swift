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
    ModelStamp(name: name, fingerprint: try fingerprint(), precision: engine.precision.rawValue)
  }

  /// The SHA-256 of all that decides the features, with a short hash in the place of each weight array: it tells models
  /// apart that are different by mistake, and takes a fraction of the time that a SHA-256 of all weights would.
  private func fingerprint() throws -> String {
    let slices = arena.slices
    var hashes = [UInt64](repeating: 0, count: slices.count)
    hashes.withUnsafeMutableBufferPointer { buffer in
      nonisolated(unsafe) let places = buffer  // no two threads write to one place
      engine.threads.run(slices.count) { _, index in places[index] = hash(arena.weights(of: slices[index])) }
    }
    let digest = StreamingSHA256()
    digest.update(try directory.description.json())
    digest.update(directory.preprocessing.huggingFaceJSON() + Array(directory.preprocessing.centring.rawValue.utf8))
    digest.update(directory.tokenizerJSON)
    for (slice, hash) in zip(slices, hashes) { digest.update(Array("\(slice.name) \(slice.shape) \(hash)\n".utf8)) }
    return digest.finish()
  }
}

/// Sixteen sums side by side, so that the compiler makes vector instructions of it, each weighed by its place; then one.
private func hash(_ values: UnsafeMutableBufferPointer<Float>) -> UInt64 {
  var lanes = SIMD16<UInt32>(repeating: 0x811C_9DC5)
  let whole = values.count & ~15
  for start in stride(from: 0, to: whole, by: 16) {
    var bits = SIMD16<UInt32>()
    for lane in 0..<16 { bits[lane] = values[start + lane].bitPattern }
    lanes = (lanes ^ bits) &* 0x0100_0193
  }
  for index in whole..<values.count {
    lanes[index & 15] = (lanes[index & 15] ^ values[index].bitPattern) &* 0x0100_0193
  }
  return (0..<16).reduce(UInt64(values.count)) { ($0 ^ UInt64(lanes[$1])) &* 0x100_0000_01B3 }
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
