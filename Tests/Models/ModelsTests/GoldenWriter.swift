import Layers
import Models
import TensorEngine
import TestSupport
import Testing

/// A tiny captioner of `Tests/Golden/blip.py`, and what transformers wrote with it.
struct GoldenWriter {
  let model: any TextGenerator
  let file: GoldenFile
  let engine = Engine(threadCount: 2)
  private let arena: ParameterArena
  /// One of each length.
  let prompts: [[Int32]]

  init(_ name: String) throws {
    let directory = "blip-tiny/" + name
    let builder = ParameterBuilder()
    model = try #require(
      try BLIPConfiguration(towerSettings(directory)).make(builder) as? any TextGenerator)
    arena = ParameterArena(builder)
    let weights = try GoldenFile(directory + "/model.safetensors")
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
    file = try GoldenFile(directory + "/case.safetensors")
    prompts = try Self.rows(file.integers("input.prompts"), 3)
  }

  /// What transformers wrote in one way about each photo.
  func expected(_ way: String) throws -> [[Int32]] { try Self.rows(file.integers("output." + way), 13) }

  private static func rows(_ values: [Int], _ columns: Int) throws -> [[Int32]] {
    stride(from: 0, to: values.count, by: columns).map { start in
      values[start..<start + columns].filter { $0 >= 0 }.map { Int32($0) }
    }
  }

  /// About some of the photos, in any order.
  func write(
    _ settings: DecodingSettings, about photos: [Int] = [0, 1, 2], prompted: Bool = true, names: [UInt64]? = nil
  ) throws -> [WrittenText] {
    let pixels = try file.floats("input.pixel_values")
    let size = 3 * 16 * 16
    let chosen = engine.tensor(
      photos.flatMap { pixels[$0 * size..<($0 + 1) * size] }, shape: [photos.count, 3, 16, 16])
    let tape = Tape(engine, recording: false)
    let images = model.imageEncoder(ImageInput(chosen), .all, tape)
    return TextWriter(model.decoder, settings).write(
      model.context(images, nil, tape), prompts: prompted ? photos.map { prompts[$0] } : nil, names: names, tape)
  }
}
