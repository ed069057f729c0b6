internal import Layers
public import Models
internal import Pretrained
internal import Randomness
internal import Reporting
public import TensorEngine

/// How fast a model writes texts about photos that are decoded already.
public struct WritingMeasurement: Sendable {
  /// Photos at once.
  public let batch: Int
  /// Tokens that were written about all photos of a batch, those of beams that were given up not counted.
  public let tokens: Int
  /// The median of the repetitions, of one batch: the image encoder, and all that is written.
  public let seconds: Double
  /// The image encoder's part.
  public let imageSeconds: Double

  public var textsPerSecond: Double { Double(batch) / seconds }
  /// While it writes: the image encoder's part left out.
  public var tokensPerSecond: Double { Double(tokens) / max(seconds - imageSeconds, .leastNonzeroMagnitude) }

  /// - Parameters:
  ///   - batch: photos at once; random numbers.
  ///   - settings: without a flaw. Texts of weights that were drawn end nowhere: equal least and most lengths measure the same
  ///     work of any weights.
  /// - Throws: `InferenceError.writesNothing` for a model without a decoder, or one that wants questions; the errors of reading
  ///   weights.
  public init(
    _ subject: EncodingMeasurement.Subject, _ settings: DecodingSettings, precision: InferencePrecision, threads: Int,
    batch: Int, repetitions: Int
  ) throws {
    let engine = Engine(threadCount: threads, inference: precision)
    let (made, arena, _) = try makeModel(subject.description, engine) { arena in
      switch subject {
      case .directory(let directory): try directory.loadWeights(into: arena, threads: engine.threads)
      case .random: arena.initialize(seed: 0, threads: engine.threads)
      }
    }
    guard let model = made as? any TextGenerator, !model.readsQuestions else {
      throw InferenceError.writesNothing(model: made.description.name)
    }
    var random = RandomStream(seed: 0, .measuredInputs)
    let images = engine.images(batch, of: model.description.images) {
      for place in $1.indices { $1[place] = random.normal() }
    }
    let arranged = ArrangedWeights()
    func tape() -> Tape { Tape(engine, recording: false, arrangedWeights: arranged) }
    let writer = TextWriter(model.decoder, settings)
    var tokens = 0
    (seconds, imageSeconds) = withExtendedLifetime(arena) {
      let whole = median(repetitions) {
        let tape = tape()
        let texts = writer.write(model.context(model.imageEncoder(images, .all, tape), nil, tape), tape)
        tokens = texts.reduce(0) { $0 + $1.written.count }
      }
      return (whole, median(repetitions) { _ = model.imageEncoder(images, .all, tape()) })
    }
    (self.batch, self.tokens) = (batch, tokens)
  }
}
