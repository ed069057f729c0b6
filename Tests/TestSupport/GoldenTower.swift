internal import Files
internal import Foundation
public import Layers
public import Models
public import Settings
public import TensorEngine

/// A tower with the weights of a golden directory, what transformers computes with it, and the loss of `towers.py`.
public struct GoldenTower<Encoder> {
  public let engine: Engine
  public let file: GoldenFile
  public let encoder: Encoder
  public let arena: ParameterArena

  /// - Parameters:
  ///   - golden, weights: files below `Tests/Golden`.
  ///   - prefix: of the weights' keys.
  public init(
    _ golden: String, weights: String, prefix: String = "", precision: Precision = .fp32,
    _ make: (ParameterBuilder) -> Encoder
  ) throws {
    engine = Engine(threadCount: 2, precision: precision)
    file = try GoldenFile(golden)
    let weights = try GoldenFile(weights)
    let builder = ParameterBuilder()
    encoder = make(builder)
    arena = ParameterArena(builder)
    for slice in arena.slices {
      let array = try weights.array(prefix + slice.name)
      precondition(array.shape == slice.shape, "\(slice.name): \(array.shape), \(slice.shape) expected")
      _ = arena.weights(of: slice).update(from: array.values)
    }
  }

  public func pixels() throws -> Tensor {
    let array = try file.array("pixel_values")
    return engine.tensor(array.values, shape: array.shape)
  }

  public func texts() throws -> PackedText {
    PackedText(ids: try file.integers("ids").map(Int32.init), offsets: try file.integers("offsets"))
  }

  /// The symmetric loss of features and fixed ones, with a scale of ten.
  public func loss(_ features: Tensor, _ tape: Tape) throws -> Tensor {
    let array = try file.array("others")
    let others = tape.normalize(engine.tensor(array.values, shape: array.shape))
    let normalized = tape.normalize(features)
    return tape.contrastiveLoss(
      image: others, text: normalized, allImages: others, allTexts: normalized,
      logitScale: engine.tensor([2.302585093], shape: []), first: 0)
  }

  /// How each gradient differs from PyTorch's, in words; empty where none does.
  /// - Parameters:
  ///   - place: what the gradients' names begin with.
  ///   - zero: what a gradient that is zero but for rounding may be.
  public func gradientDifferences(_ place: String, _ tolerance: Float = 1e-5, zero: Float = 2e-6) throws -> [String] {
    arena.clearUnreachedGradients()
    return try arena.slices.compactMap { slice in
      // A bias of all keys shifts every score of a row alike.
      let floor: Float = slice.name.hasSuffix("key.bias") ? zero : 1e-8
      let report = difference(
        Array(arena.gradients(of: slice)), try file.floats("\(place)/\(slice.name)"), relative: tolerance, floor: floor,
        scale: .largest)
      return report.map { "\(slice.name): \($0)" }
    }
  }
}

/// The `config.json` of a golden directory.
public func towerSettings(_ directory: String) throws -> Settings {
  try Settings(json: readFile("\(goldenDirectory)/\(directory)/config.json"), file: "config.json")
}

/// What a description writes, as it is read back.
public func written(_ description: some Encodable) throws -> Settings {
  try Settings(json: Array(JSONEncoder().encode(description)), file: "config.json")
}

/// How two arrays differ by more than a small share of the largest element; nil where they do not.
public func largestDifference(_ actual: Tensor, _ expected: [Float], _ tolerance: Float = 2e-6) -> String? {
  difference(actual.values(), expected, relative: tolerance, scale: .largest)
}
