internal import Layers
public import Models
internal import Randomness
internal import Reporting
public import TensorEngine

/// How fast a model's image tower turns images into features.
public struct EmbeddingMeasurement: Sendable {
  public let batch: Int
  /// Of one batch: the median of the repetitions.
  public let seconds: Double
  /// The shortest of them.
  public let shortest: Double

  public var imagesPerSecond: Double { Double(batch) / seconds }
}

/// Times the image tower of a model of random weights on random pixels, as inference runs it: MobileCLIP's branches are
/// folded. The first batch, which compiles kernels and takes memory, is not counted.
public func measureEmbedding(
  of description: ModelDescription, batch: Int, repetitions: Int, _ engine: Engine
) -> EmbeddingMeasurement {
  let builder = ParameterBuilder()
  let model = ImageTextModel(description.reparameterized, builder)
  let arena = ParameterArena(builder)
  arena.initialize(seed: 1, threads: engine.threads)
  if engine.precision == .bf16 { arena.keepRounded(engine) }
  (model.towers as? MobileCLIP)?.prepareForInference(engine)
  var random = RandomStream(seed: 2)
  let side = description.imageSize
  let pixels = engine.tensor(
    (0..<batch * 3 * side * side).map { _ in random.normal() }, shape: [batch, 3, side, side])
  let times = (0...max(repetitions, 1)).map { _ in
    let start = monotonicSeconds()
    _ = model.towers.encode(images: pixels, tokens: .pooled, Tape(engine, recording: false))
    return monotonicSeconds() - start
  }.dropFirst().sorted()
  return withExtendedLifetime(arena) {
    EmbeddingMeasurement(batch: batch, seconds: times[times.count / 2], shortest: times[0])
  }
}
