import Collectives
import Evaluation
import Foundation
import Layers
import Models
import Objectives
import Randomness
import TensorEngine
import TestSupport
import Testing
import Tokenization

/// What is learnt from what captions are worth.
@Suite struct SelfCriticalTests {
  private static let said: [(photo: UInt64, captions: [String])] = [
    (0, ["a dog runs", "a red dog runs"]), (1, ["a cat sits"]), (2, ["a red cat", "a cat"]), (3, ["a dog"]),
  ]

  // MARK: The gradient

  /// Of all texts that there are at three tokens beside the first, weighed by their probabilities, the mean of the estimate is the slope of
  /// the expected reward, with a baseline and without.
  @Test(arguments: [0, 1.5]) func onAverageItIsTheSlopeOfTheReward(_ baseline: Double) throws {
    let all = try AllTexts(Self.said.map(\.captions))
    let texts = try all.probabilities()
    #expect(texts.count == 85)
    #expect(abs(texts.reduce(0) { $0 + $1.probability } - 1) < 1e-5)
    let gradient = try all.gradient(texts.map { ($0.text, $0.probability * ($0.reward - baseline)) })
    let places = gradient.indices.sorted { abs(gradient[$0]) > abs(gradient[$1]) }.prefix(40)
    let step: Float = 0.01
    for place in places {
      let slope = try all.slope(at: place, step)
      #expect(difference(-Double(gradient[place]), slope, relative: 2e-2, floor: 2e-4) == nil, "parameter \(place)")
    }
    #expect(abs(gradient[places[0]]) > 0.02)
  }

  /// Steps along the gradients of captions that are drawn make what it may expect larger.
  @Test(arguments: [1, 4]) func whatItDrawsBecomesBetter(_ samples: Int) throws {
    let all = try AllTexts(Self.said.map(\.captions))
    let before = try all.expectedReward()
    for epoch in 0..<150 {
      let outcome = try Self.outcome(
        all.writer, samples: samples, length: 4, epoch: epoch, photos: [0, 0, 0, 0, 0, 0, 0, 0])
      for index in all.writer.arena.weights.indices {
        all.writer.arena.weights[index] -= 0.02 * outcome.gradients[index]
      }
    }
    let after = try all.expectedReward()
    #expect(after > before + 0.5, "\(before), then \(after)")
  }

  /// Of captions that are given it is PyTorch's, with all gradients.
  @Test func ofGivenCaptionsItIsPyTorchs() throws {
    let golden = try GoldenFile("selfcritical.safetensors")
    let weights = try GoldenFile("blip-tiny/captioning/model.safetensors")
    let builder = ParameterBuilder()
    let model = try #require(
      try BLIPConfiguration(towerSettings("blip-tiny/captioning")).make(builder) as? any TextGenerator)
    let arena = ParameterArena(builder)
    for slice in arena.slices { _ = arena.weights(of: slice).update(from: try weights.floats(slice.name)) }
    let (ids, photos) = (try golden.integers("ids"), try golden.integers("photos"))
    let (rewards, baselines) = (try golden.floats("rewards"), try golden.floats("baselines"))
    var first = 0
    let drawn = try golden.integers("lengths").enumerated().map { index, length in
      let own = ids[first..<first + length].map { Int32($0) }
      first += length
      let text = WrittenText(
        tokens: [model.decoder.bounds.start] + own, given: 1, logProbability: 0, isClosed: own.last == 4)
      return DrawnCaption(
        image: photos[index], text: text, reward: Double(rewards[index]), baseline: Double(baselines[index]))
    }
    let engine = Engine(threadCount: 2)
    let tape = Tape(engine)
    let pixels = engine.tensor(try golden.floats("pixels"), shape: [3, 3, 16, 16])
    let context = model.context(model.imageEncoder(ImageInput(pixels), .all, tape), nil, tape)
    let loss = SelfCriticalObjective.loss(drawn, count: drawn.count, model.decoder, context, tape)
    #expect(difference(loss.value, try golden.floats("loss")[0], relative: 2e-6) == nil)
    arena.markGradientsStale()
    try tape.backward(from: loss)
    arena.clearUnreachedGradients()
    let named = arena.slices.filter { golden.names.contains("gradient." + $0.name) }
    #expect(named.count > 60)
    for slice in named {
      let found = Array(arena.gradients(of: slice))
      #expect(
        difference(found, try golden.floats("gradient." + slice.name), relative: 1e-5, floor: 1e-7, scale: .largest)
          == nil,
        "\(slice.name)")
    }
  }

  // MARK: Ranks and draws

  struct Outcome {
    let loss: Double
    let gradients: [Float]
    let figures: [Double]
  }

  private static func outcome(
    _ writer: SmallWriter, samples: Int, length: Int = 8, epoch: Int = 0, ranks: Int = 1,
    photos: [UInt64] = [0, 1, 2, 3, 0, 9, 2]
  ) throws -> Outcome {
    let weights = Array(writer.arena.weights)
    let words = writer.tokenizer.vocabularySize - 2
    let results = try InProcessCommunicator.run(ranks: ranks) { communicator -> Outcome in
      let writer = try SmallWriter(words: words)
      for (index, weight) in weights.enumerated() { writer.arena.weights[index] = weight }
      var settings = ObjectiveSettings([SelfCriticalObjective.name: 1])
      (settings.selfCritical.samples, settings.selfCritical.length) = (samples, length)
      let mix = try ObjectiveMix(
        ObjectiveContext(
          writer.model, settings, rewards: PhotoRewards(said, writer.tokenizer), seed: 7, communicator))
      let engine = Engine(threadCount: 1)
      let bounds = (0...ranks).map { photos.count * $0 / ranks }
      let layout = BatchLayout(
        counts: (0..<ranks).map { bounds[$0 + 1] - bounds[$0] }, rank: communicator.rank)
      let pixels = layout.local.flatMap { sample -> [Float] in
        var random = RandomStream(seed: 2, photos[sample])
        return (0..<3 * 16 * 16).map { _ in random.normal() }
      }
      let batch = StepBatch(
        images: ImageInput(engine.tensor(pixels, shape: [layout.local.count, 3, 16, 16])), text: PackedText([]),
        photos: Array(photos[layout.local]), captions: layout.local.map { UInt64($0) }, layout: layout, step: 0,
        epoch: epoch)
      let tape = Tape(engine)
      writer.arena.markGradientsStale()
      let losses = try mix.computeGradients(of: batch, tape)
      writer.arena.clearUnreachedGradients()
      return Outcome(
        loss: Double(losses.total.value), gradients: Array(writer.arena.gradients),
        figures: mix.figures.flatMap(\.values).map(\.value))
    }
    let gradients = results[0].gradients.indices.map { index in results.reduce(Float(0)) { $0 + $1.gradients[index] } }
    for other in results { #expect(other.figures == results[0].figures) }
    return Outcome(loss: results.reduce(0) { $0 + $1.loss }, gradients: gradients, figures: results[0].figures)
  }

  /// The same captions are drawn on any number of ranks. One of the photos is known to nobody; two ranks of seven have it alone.
  @Test(arguments: [1, 3]) func ranksLearnAsOne(_ samples: Int) throws {
    let writer = try SmallWriter()
    let one = try Self.outcome(writer, samples: samples)
    #expect(one.loss != 0 && one.gradients.contains { $0 != 0 } && one.figures.count == 7)
    for ranks in [2, 3, 7] {
      let many = try Self.outcome(writer, samples: samples, ranks: ranks)
      #expect(many.figures == one.figures, "\(ranks) ranks")
      #expect(difference(many.loss, one.loss, relative: 2e-6, floor: 1e-7) == nil, "loss on \(ranks) ranks")
      #expect(
        difference(many.gradients, one.gradients, relative: 1e-5, scale: .largest) == nil, "gradients on \(ranks) ranks"
      )
    }
  }

  /// What is drawn is a function of seed, epoch and sample.
  @Test func epochsDrawOtherCaptions() throws {
    let writer = try SmallWriter()
    let first = try Self.outcome(writer, samples: 1)
    #expect(try Self.outcome(writer, samples: 1).gradients == first.gradients)
    #expect(try Self.outcome(writer, samples: 1, epoch: 1).gradients != first.gradients)
  }

  /// A batch in which nobody has said anything of a photo is a legal step.
  @Test func photosWithoutCaptionsTeachNothing() throws {
    let outcome = try Self.outcome(SmallWriter(), samples: 1, photos: [8, 9])
    #expect(outcome.loss == 0 && outcome.gradients.allSatisfy { $0 == 0 } && outcome.figures.isEmpty)
  }

  /// Spikes are looked for in what does not swing around 0.
  @Test func itsValueIsNoSpike() throws {
    let writer = try SmallWriter()
    var settings = ObjectiveSettings([SelfCriticalObjective.name: 2])
    settings.ofTask = 0
    let mix = try ObjectiveMix(
      ObjectiveContext(
        writer.model, settings, rewards: PhotoRewards(Self.said, writer.tokenizer), seed: 0, SoloCommunicator()))
    #expect(mix.steadyLoss(10, [(SelfCriticalObjective.name, 4)], step: 0) == 2)
  }

  /// Without captions of the photos it cannot be had, nor of a model without a decoder.
  @Test func whatItNeedsIsSaid() throws {
    let settings = ObjectiveSettings([SelfCriticalObjective.name: 1])
    let writer = try SmallWriter()
    let alone = #expect(throws: ObjectiveError.self) {
      try ObjectiveMix(ObjectiveContext(writer.model, settings, seed: 0, SoloCommunicator()))
    }
    #expect(alone?.lack == "it needs photos with captions, and here are none")
    let towers = ObjectiveCase.towers.make(ParameterBuilder())
    let error = #expect(throws: ObjectiveError.self) {
      try ObjectiveMix(
        ObjectiveContext(
          towers, settings, rewards: PhotoRewards(Self.said, writer.tokenizer), seed: 0, SoloCommunicator()))
    }
    #expect(error?.lack == "clip has no decoder that writes texts")
  }
}

/// Every text of three words, of a decoder of three words about one photo.
private final class AllTexts {
  let writer: SmallWriter
  private let engine = Engine(threadCount: 1)
  private let rewards: [[Int32]: Double]

  init(_ said: [[String]]) throws {
    writer = try SmallWriter(words: 3)
    let tokenizer = writer.tokenizer
    var texts: [[Int32]] = [[]]
    var whole: [[Int32]] = []
    for length in 1...3 {
      let longer = texts.flatMap { text in (0..<5).map { text + [Int32($0)] } }
      whole += longer.filter { $0.last == 3 || length == 3 }
      texts = longer.filter { $0.last != 3 }
    }
    let judged = CaptionRewards(said).judge(
      whole.map { .init(tokenizer.decode($0), isClosed: $0.last == 3) }, ofImage: 0)
    rewards = Dictionary(uniqueKeysWithValues: zip(whole, judged.map(\.reward)))
  }

  private func context(_ tape: Tape) -> Encoding {
    var random = RandomStream(seed: 2, 0)
    let pixels = engine.tensor((0..<3 * 16 * 16).map { _ in random.normal() }, shape: [1, 3, 16, 16])
    return writer.model.context(writer.model.imageEncoder(ImageInput(pixels), .all, tape), nil, tape)
  }

  private var texts: [WrittenText] {
    rewards.keys.sorted { $0.lexicographicallyPrecedes($1) }.map { own in
      WrittenText(tokens: [4] + own, given: 1, logProbability: 0, isClosed: own.last == 3)
    }
  }

  func probabilities() throws -> [(text: WrittenText, probability: Double, reward: Double)] {
    let tape = Tape(engine, recording: false)
    let texts = texts
    let asked = NextTokens(PackedText(texts.map(\.tokens)), start: 4)
    let logits = writer.model.decoder.logits(
      of: asked, context(tape), contextOfText: texts.map { _ in 0 }, tape)
    let normalizers = engine.logSumExps(logits)
    let values = logits.values()
    var row = 0
    return zip(texts, asked.counts).map { text, count in
      let sum = (row..<row + count).reduce(0.0) {
        $0 + Double(values[$1 * logits.columns + Int(asked.targets[$1])]) - Double(normalizers[$1])
      }
      row += count
      return (text, exp(sum), rewards[Array(text.written)] ?? 0)
    }
  }

  func expectedReward() throws -> Double { try probabilities().reduce(0) { $0 + $1.probability * $1.reward } }

  func gradient(_ weighed: [(text: WrittenText, advantage: Double)]) throws -> [Float] {
    let tape = Tape(engine)
    let drawn = weighed.map { DrawnCaption(image: 0, text: $0.text, reward: $0.advantage, baseline: 0) }
    let loss = SelfCriticalObjective.loss(drawn, count: 1, writer.model.decoder, context(tape), tape)
    writer.arena.markGradientsStale()
    try tape.backward(from: loss)
    writer.arena.clearUnreachedGradients()
    return Array(writer.arena.gradients)
  }

  func slope(at place: Int, _ step: Float) throws -> Double {
    let weight = writer.arena.weights[place]
    defer { writer.arena.weights[place] = weight }
    writer.arena.weights[place] = weight + step
    let above = try expectedReward()
    writer.arena.weights[place] = weight - step
    return try (above - expectedReward()) / Double(2 * step)
  }
}
