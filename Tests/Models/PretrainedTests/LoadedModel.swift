import Foundation
import Layers
import Models
import TensorEngine
import TestSupport

/// A model with room for its weights.
struct LoadedModel {
  let engine: Engine
  let model: any FeatureModel
  let arena: ParameterArena

  init(_ description: any ModelDescription, _ precision: Precision = .fp32) {
    engine = Engine(threadCount: 2, precision: precision)
    let builder = ParameterBuilder()
    guard let model = description.make(builder) as? any FeatureModel else {
      preconditionFailure("\(description.name) has no features")
    }
    self.model = model
    arena = ParameterArena(builder)
  }

  /// Slice by slice: what lies between them is nobody's.
  func hasWeights(of other: LoadedModel) -> Bool {
    arena.slices.map(\.name) == other.arena.slices.map(\.name)
      && zip(arena.slices, other.arena.slices).allSatisfy {
        arena.weights(of: $0).elementsEqual(other.arena.weights(of: $1))
      }
  }

  /// e^scale · image · textᵀ
  /// - Parameter ids: captions padded with 0 or with their end token, cut here behind it.
  func logits(pixels: GoldenArray, ids: [Int32]) throws -> [Float] {
    let (images, texts) = try encoded(pixels, ids)
    let scale = exp(model.logitScale.tensor.value)
    return engine.similarities(images.features, texts.features).values().map { scale * $0 }
  }

  func features(pixels: GoldenArray, ids: [Int32]) throws -> (image: [Float], text: [Float]) {
    let (images, texts) = try encoded(pixels, ids)
    return (images.features.values(), texts.features.values())
  }

  private func encoded(_ pixels: GoldenArray, _ ids: [Int32]) throws -> (EncodedFeatures, EncodedFeatures) {
    let length = model.description.texts.contextLength
    let captions = stride(from: 0, to: ids.count, by: length).map { start -> [Int32] in
      let row = ids[start..<start + length]
      let padding = row[start + length - 1]
      let last = row.lastIndex { $0 != padding } ?? start
      return Array(row[start...min(padding == 0 ? last : last + 1, start + length - 1)])
    }
    let packed = PackedText(
      ids: captions.flatMap { $0 }, offsets: captions.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) })
    let tape = Tape(engine, recording: false)
    return (
      model.encode(images: engine.tensor(pixels.values, shape: pixels.shape), tokens: .pooled, tape),
      model.encode(text: packed, tokens: .pooled, tape)
    )
  }
}
