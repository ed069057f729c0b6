internal import Batching
internal import Files
internal import Foundation
internal import Images
internal import Layers
internal import Models
internal import TensorEngine

/// Everything that decides the states which a locked tower makes of a split, in one number: states that were kept under
/// another key are no longer those that would be computed.
struct StatesKey {
  let modality: Modality
  let tokens: EncodedTokens
  let split: String

  /// As 64 hexadecimal digits.
  func text(_ setup: RunSetup) throws -> String {
    let engine = setup.engine
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    let parts: [[UInt8]] = [
      Array("\(modality.rawValue) \(tokens == .all ? "all" : "pooled") \(split)".utf8),
      Array(setup.dataSet.fingerprint.utf8), setup.tokenizerJSON,
      Array(try encoder.encode(setup.preprocessing)) + Array(try encoder.encode(setup.clips.form)),
      try setup.model.description.json(), frozenWeights(setup),
      // What computes: the program, and what it and its libraries take on this processor.
      Array("\(try checksum(ofFile: "/proc/self/exe")) \(engine.precision.rawValue) \(engine.level.rawValue)".utf8),
      Array("\(Engine.blasCore) \(engine.products)".utf8),
    ]
    return sha256(parts.flatMap { Array("\($0.count):".utf8) + $0 })
  }

  /// The names and checksums of all weights that are not trained: a locked tower's, and perhaps others, which do not change
  /// while the run lasts either. But not what standardises features: it is fitted to the states.
  private func frozenWeights(_ setup: RunSetup) -> [UInt8] {
    let (arena, model) = (setup.arena, setup.model as? any FeatureModel)
    let fitted =
      model?.standardizations.values.flatMap { [ObjectIdentifier($0.mean), ObjectIdentifier($0.scale)] } ?? []
    let frozen = arena.parameters.filter { !$0.tensor.requiresGradient && !fitted.contains(ObjectIdentifier($0)) }
    return frozen.flatMap(\.slices).flatMap {
      Array("\($0.name) \(checksum(UnsafeRawBufferPointer(arena.weights(of: $0))))\n".utf8)
    }
  }
}
