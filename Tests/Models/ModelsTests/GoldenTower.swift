import Files
import Foundation
import Layers
import Models
import Settings
import TensorEngine
import TestSupport
import Testing

/// A tower with the weights of a golden directory, what transformers computes with it, and the loss of `towers.py`.
struct GoldenTower<Encoder> {
  let engine: Engine
  let file: GoldenFile
  let encoder: Encoder
  let arena: ParameterArena

  /// - Parameters:
  ///   - weights: a file below `Tests/Golden`.
  ///   - prefix: of its keys.
  init(
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

  func pixels() throws -> Tensor {
    let array = try file.array("pixel_values")
    return engine.tensor(array.values, shape: array.shape)
  }

  func texts() throws -> PackedText {
    PackedText(ids: try file.integers("ids").map(Int32.init), offsets: try file.integers("offsets"))
  }

  /// The symmetric loss of features and fixed ones, with a scale of ten.
  func loss(_ features: Tensor, _ tape: Tape) throws -> Tensor {
    let array = try file.array("others")
    let others = tape.normalize(engine.tensor(array.values, shape: array.shape))
    let normalized = tape.normalize(features)
    return tape.contrastiveLoss(
      image: others, text: normalized, allImages: others, allTexts: normalized,
      logitScale: engine.tensor([2.302585093], shape: []), first: 0)
  }

  /// - Parameters:
  ///   - place: what the gradients' names begin with.
  ///   - zero: what a gradient that is zero but for rounding may be.
  func expectGradients(_ place: String, _ tolerance: Float = 1e-5, zero: Float = 2e-6) throws {
    arena.clearUnreachedGradients()
    for slice in arena.slices {
      // A bias of all keys shifts every score of a row alike.
      let floor: Float = slice.name.hasSuffix("key.bias") ? zero : 1e-8
      let report = difference(
        Array(arena.gradients(of: slice)), try file.floats("\(place)/\(slice.name)"), relative: tolerance, floor: floor,
        scale: .largest)
      #expect(report == nil, "the gradient of \(slice.name)")
    }
  }
}

/// A description of a golden directory's `config.json`.
func towerSettings(_ directory: String) throws -> Settings {
  try Settings(json: readFile("\(goldenDirectory)/\(directory)/config.json"), file: "config.json")
}

/// Equal but for a small share of the largest element.
func expectEqual(_ actual: Tensor, _ expected: [Float], _ tolerance: Float = 2e-6, _ name: String) {
  #expect(difference(actual.values(), expected, relative: tolerance, scale: .largest) == nil, "\(name)")
}

/// The content of a `config.json`.
func encoded(_ description: some Encodable) throws -> [UInt8] { try Array(JSONEncoder().encode(description)) }
