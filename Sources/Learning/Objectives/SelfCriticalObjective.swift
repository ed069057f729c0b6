internal import Batching
internal import Collectives
internal import Evaluation
public import Models
internal import Randomness
public import TensorEngine

/// Captions that the model draws become likelier where they are worth more than a baseline, and less likely where they are worth less:
/// −(r − b) ln p, the mean over the drawn captions of the global batch, whose gradient is on average that of −E[r] (Rennie et al.,
/// "Self-Critical Sequence Training for Image Captioning", CVPR 2017, equation 8). r is CIDEr-D with the end of a text as a word.
/// Of one draw a photo b is what the likeliest caption is worth, of several the mean of the photo's others (Luo, "A Better Variant of
/// Self-Critical Sequence Training", 2020).
public struct SelfCriticalObjective: Objective {
  public static let name = "self_critical"
  public static let summary =
    "Captions that the model draws, by what they are worth (CIDEr-D) above its likeliest ones."
  public static let otherNames = ["scst", "structure_loss_weight", "self_critical_after"]
  public static let keys = ["objective.self_critical_samples", "objective.self_critical_length"]
  public static let needs = [ModelPart.textDecoder]
  public static let looksAtFeaturesOnly = false
  public static let comparesPairs = false
  public static let readsReferences = true
  public static let swings = true

  public static func joinings(_ settings: ObjectiveSettings, hasFeatures: Bool) -> Int {
    settings.selfCritical.samples
  }

  public static func advice(on part: ModelPart) -> String? {
    part == .textDecoder ? "name a model that has one (docs/tasks.md)" : nil
  }

  private let rewards: PhotoRewards
  private let settings: SelfCriticalSettings
  private let seed: UInt64
  private let communicator: any Communicator
  private let record: SelfCriticalWatch

  public init?(_ context: ObjectiveContext) {
    guard let model = context.model as? any TextGenerator, !model.readsQuestions, let rewards = context.rewards else {
      return nil
    }
    (self.rewards, settings) = (rewards, context.settings.selfCritical)
    (seed, communicator) = (context.seed, context.communicator)
    record = SelfCriticalWatch(isGreedy: settings.samples == 1)
  }

  public var watch: (any ObjectiveWatch)? { record }

  public func loss(_ states: BatchStates, _ tape: Tape) throws -> Tensor {
    guard let model = states.model as? any TextGenerator else { preconditionFailure("a model that writes nothing") }
    let context = model.context(states.images, nil, tape)
    let drawn = judged(states.batch, model.decoder, context, Tape(tape.engine, recording: false))
    let all = try gatherOverRanks(drawn.flatMap(\.row), communicator, "what drawn captions are worth")
    record.take(all)
    return Self.loss(drawn, count: all.count / DrawnCaption.rowWidth, model.decoder, context, tape)
  }

  /// Σ −(r − b) ln p / count.
  package static func loss(
    _ drawn: [DrawnCaption], count: Int, _ decoder: TextDecoder, _ context: Encoding, _ tape: Tape
  ) -> Tensor {
    guard !drawn.isEmpty else { return tape.engine.scalar(0) }
    let asked = NextTokens(PackedText(drawn.map(\.text.tokens)), start: decoder.bounds.start)
    let logits = decoder.logits(of: asked, context, contextOfText: drawn.map(\.image), tape)
    let weights = zip(drawn, asked.counts).flatMap { caption, tokens in
      [Float](repeating: Float(caption.advantage / Double(count)), count: tokens)
    }
    return tape.crossEntropy(logits, targets: asked.targets, weights: weights)
  }

  // MARK: Drawing

  /// Captions of this rank's photos with what they are worth; a photo that nobody said anything of has none.
  private func judged(
    _ batch: StepBatch, _ decoder: TextDecoder, _ context: Encoding, _ tape: Tape
  ) -> [DrawnCaption] {
    let images = batch.photos.indices.filter { rewards.knows(batch.photos[$0]) }
    let imageOfDraw = images.flatMap { [Int](repeating: $0, count: settings.samples) }
    let names = imageOfDraw.enumerated().map { name(of: $1, draw: $0 % settings.samples, batch) }
    let drawn = written(
      .nucleus(mass: 1, temperature: 1, seed: seed), decoder, context, about: imageOfDraw, names: names, tape)
    let likeliest =
      settings.samples > 1 ? [] : written(.greedy, decoder, context, about: images, names: nil, tape)
    return images.enumerated().flatMap { place, image in
      let own = Array(drawn[place * settings.samples..<(place + 1) * settings.samples])
      return DrawnCaption.judged(
        own, beside: likeliest.isEmpty ? nil : likeliest[place], image: image, of: batch.photos[image], rewards)
    }
  }

  /// What names a draw, whatever rank it is on.
  private func name(of sample: Int, draw: Int, _ batch: StepBatch) -> UInt64 {
    let caption = batch.captions.indices.contains(sample) ? batch.captions[sample] : 0
    var random = RandomStream(
      seed: seed, .sampledCaptions, UInt64(batch.epoch), batch.photos[sample], caption, UInt64(draw))
    return random.next()
  }

  private func written(
    _ search: DecodingSettings.Search, _ decoder: TextDecoder, _ context: Encoding, about images: [Int],
    names: [UInt64]?, _ tape: Tape
  ) -> [WrittenText] {
    guard !images.isEmpty else { return [] }
    let settings = DecodingSettings(search, maximumLength: min(settings.length, decoder.contextLength))
    return TextWriter(decoder, settings).write(context, contextOfText: images, names: names, tape)
  }
}
