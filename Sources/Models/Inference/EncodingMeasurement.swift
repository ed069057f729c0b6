internal import Layers
public import Models
public import Pretrained
internal import Randomness
internal import Reporting
public import TensorEngine

/// How fast a model encodes photos that are decoded already, and texts that are ids already.
public struct EncodingMeasurement: Sendable {
  /// What is measured.
  public enum Subject {
    case directory(ModelDirectory)
    /// Random weights: they take the same time.
    case random(any ModelDescription)

    var description: any ModelDescription {
      switch self {
      case .directory(let directory): directory.description
      case .random(let description): description
      }
    }
  }

  /// Photos at once.
  public let batch: Int
  /// The median of the repetitions, of one batch.
  public let imageSeconds: Double
  public let texts: Int
  /// Of each text, start and end among them.
  public let tokens: Int
  /// The median of the repetitions, of all texts.
  public let textSeconds: Double

  public var imagesPerSecond: Double { Double(batch) / imageSeconds }
  public var textsPerSecond: Double { Double(texts) / textSeconds }

  /// - Parameters:
  ///   - batch: photos at once; random numbers.
  ///   - texts: packed into chunks of about 2048 tokens, as `encode` does it; random ids.
  ///   - tokens: from 2 to the model's context length.
  /// - Throws: the errors of reading weights.
  public init(
    _ subject: Subject, precision: Precision, threads: Int, batch: Int, texts: Int, tokens: Int, repetitions: Int
  ) throws {
    let engine = Engine(threadCount: threads, precision: precision)
    let (made, arena, _) = try makeModel(subject.description, engine) { arena in
      switch subject {
      case .directory(let directory): try directory.loadWeights(into: arena, threads: engine.threads)
      case .random: arena.initialize(seed: 0, threads: engine.threads)
      }
    }
    guard let model = made as? any FeatureModel else {
      throw InferenceError.noFeatures(path: "", model: made.description.name)
    }
    (self.batch, self.texts, self.tokens) = (batch, texts, tokens)
    var random = RandomStream(seed: 0, .measuredInputs)
    let images = engine.images(batch, of: model.description.images) {
      for place in $1.indices { $1[place] = random.normal() }
    }
    let vocabulary = model.description.texts.vocabularySize
    let ids = (0..<tokens).map { _ in Int32(random.integer(below: vocabulary)) }
    let atOnce = max(1, 2048 / tokens)
    (imageSeconds, textSeconds) = withExtendedLifetime(arena) {
      let image = median(repetitions) {
        _ = model.features(images: images, Tape(engine, recording: false))
      }
      let text = median(repetitions) {
        for start in stride(from: 0, to: texts, by: atOnce) {
          let count = min(atOnce, texts - start)
          let packed = PackedText(
            ids: (0..<count).flatMap { _ in ids }, offsets: (0...count).map { $0 * tokens })
          _ = model.features(texts: packed, Tape(engine, recording: false))
        }
      }
      return (image, text)
    }
  }
}

/// Of so many runs after one for warmth.
private func median(_ repetitions: Int, _ work: () -> Void) -> Double {
  work()
  let seconds = (0..<repetitions).map { _ in
    let start = monotonicSeconds()
    work()
    return monotonicSeconds() - start
  }
  return seconds.sorted()[repetitions / 2]
}
