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

    /// The model's.
    public var description: any ModelDescription {
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
  /// Of all texts, start and end tokens among them.
  public let tokens: Int
  /// The median of the repetitions, of all texts.
  public let textSeconds: Double

  public var imagesPerSecond: Double { Double(batch) / imageSeconds }
  public var textsPerSecond: Double { Double(texts) / textSeconds }

  /// - Parameters:
  ///   - batch: photos at once; random numbers.
  ///   - texts: packed into chunks of about 2048 tokens, as `encode` does it; random ids.
  ///   - lengths: tokens of the texts, in turn; each from 2 to the model's context length.
  /// - Throws: the errors of reading weights.
  public init(
    _ subject: Subject, precision: InferencePrecision, threads: Int, batch: Int, texts: Int, lengths: [Int],
    repetitions: Int
  ) throws {
    let engine = Engine(threadCount: threads, inference: precision)
    let (made, arena, _) = try makeModel(subject.description, engine) { arena in
      switch subject {
      case .directory(let directory): try directory.loadWeights(into: arena, threads: engine.threads)
      case .random: arena.initialize(seed: 0, threads: engine.threads)
      }
    }
    guard let model = made as? any FeatureModel else {
      throw InferenceError.noFeatures(path: "", model: made.description.name)
    }
    var random = RandomStream(seed: 0, .measuredInputs)
    let images = engine.images(batch, of: model.description.images) {
      for place in $1.indices { $1[place] = random.normal() }
    }
    let chunks = Self.chunks(texts, lengths, vocabulary: model.description.texts.vocabularySize, &random)
    (self.batch, self.texts) = (batch, texts)
    tokens = chunks.reduce(0) { $0 + $1.ids.count }
    let arranged = ArrangedWeights()
    func tape() -> Tape { Tape(engine, recording: false, arrangedWeights: arranged) }
    (imageSeconds, textSeconds) = withExtendedLifetime(arena) {
      let image = median(repetitions) { _ = model.features(images: images, tape()) }
      let text = median(repetitions) {
        for chunk in chunks { _ = model.features(texts: chunk, tape()) }
      }
      return (image, text)
    }
  }

  private static func chunks(
    _ texts: Int, _ lengths: [Int], vocabulary: Int, _ random: inout RandomStream
  ) -> [PackedText] {
    var (chunks, chunk, tokens): ([PackedText], [[Int32]], Int) = ([], [], 0)
    for text in 0..<texts {
      let length = lengths[text % lengths.count]
      if tokens + length > 2048, !chunk.isEmpty {
        chunks.append(PackedText(chunk))
        (chunk, tokens) = ([], 0)
      }
      chunk.append((0..<length).map { _ in Int32(random.integer(below: vocabulary)) })
      tokens += length
    }
    return chunks + [PackedText(chunk)]
  }
}

/// Of so many runs after one for warmth.
func median(_ repetitions: Int, _ work: () -> Void) -> Double {
  work()
  let seconds = (0..<repetitions).map { _ in
    let start = monotonicSeconds()
    work()
    return monotonicSeconds() - start
  }
  return seconds.sorted()[repetitions / 2]
}
