import Foundation
import Models
import TensorEngine
import TestSupport
import Testing

/// What models write, token by token, against transformers and against all that they could write.
@Suite struct DecodingTests {
  private static let ways: [(name: String, settings: DecodingSettings)] = {
    let settings = { (search: DecodingSettings.Search, change: (inout DecodingSettings) -> Void) in
      var made = DecodingSettings(search, maximumLength: 13)
      change(&made)
      return made
    }
    return [
      ("greedy", settings(.greedy) { _ in }), ("beam", settings(.beams(3)) { _ in }),
      ("beam_long", settings(.beams(3)) { ($0.lengthReward, $0.minimumLength) = (2, 9) }),
      ("beam_short", settings(.beams(3)) { $0.lengthReward = 0 }),
      ("greedy_blocked", settings(.greedy) { $0.blockedRepetition = 2 }),
      ("greedy_penalized", settings(.greedy) { $0.repetitionPenalty = 1.6 }),
    ]
  }()

  /// Three models, three photos at once, each with a prompt of another length.
  @Test(arguments: 0..<3)
  func textsAreThoseOfTransformers(_ seed: Int) throws {
    let golden = try GoldenWriter("writing-\(seed)")
    for way in Self.ways {
      let written = try golden.write(way.settings)
      #expect(written.map(\.tokens) == (try golden.expected(way.name)), "\(way.name)")
      #expect(written.map(\.given) == golden.prompts.map { 1 + $0.count })
      #expect(written.allSatisfy { $0.isClosed == ($0.tokens.last == 4) })
    }
  }

  /// Neither who else is in the batch nor the order changes a text; where tokens are drawn, its name does.
  @Test func aTextDoesNotDependOnItsNeighbours() throws {
    let golden = try GoldenWriter("writing-2")
    let drawn = DecodingSettings(.nucleus(mass: 0.9, temperature: 1.5, seed: 7), maximumLength: 13)
    for settings in Self.ways.map(\.settings) + [drawn] {
      let all = try golden.write(settings, names: [10, 11, 12])
      let others = try golden.write(settings, about: [2, 0], names: [12, 10])
      #expect(others.map(\.tokens) == [all[2].tokens, all[0].tokens])
      #expect(difference(others[1].logProbability, all[0].logProbability, relative: 1e-5) == nil)
    }
    let texts = try (0..<8).map { try golden.write(drawn, about: [1], names: [$0])[0].tokens }
    #expect(Set(texts).count > 4)
    #expect(try golden.write(drawn, about: [1], names: [3])[0].tokens == texts[3])
  }

  /// A nucleus of nearly nothing holds the likeliest token alone; of all of it, tokens come as often as they are likely.
  @Test func aNucleusHoldsTheLikeliest() throws {
    let golden = try GoldenWriter("writing-0")
    let narrow = DecodingSettings(.nucleus(mass: 1e-6, temperature: 1, seed: 1), maximumLength: 13)
    #expect(try golden.write(narrow).map(\.tokens) == (try golden.expected("greedy")))
    let settings = DecodingSettings(.nucleus(mass: 1, temperature: 1, seed: 1), maximumLength: 2)
    let count = 400
    let drawn = try golden.write(
      settings, about: [Int](repeating: 0, count: count), prompted: false, names: (0..<count).map { UInt64($0) })
    let shares = Dictionary(grouping: drawn) { $0.tokens[1] }
    for same in shares.values where same.count > 20 {
      let (share, probability) = (Double(same.count) / Double(count), same[0].probability)
      let deviation = (probability * (1 - probability) / Double(count)).squareRoot()
      #expect(abs(share - probability) < 4 * deviation, "\(same[0].tokens[1]): \(share) of \(probability)")
    }
    #expect(shares.count > 3)
  }

  /// Texts that no rule allows are not written: no two tokens in a row come twice, and nothing closes a text too early.
  @Test func rulesHold() throws {
    let golden = try GoldenWriter("writing-1")
    for search in [DecodingSettings.Search.beams(4), .nucleus(mass: 0.95, temperature: 2, seed: 3)] {
      var settings = DecodingSettings(search, maximumLength: 14)
      (settings.blockedRepetition, settings.minimumLength) = (2, 10)
      for text in try golden.write(settings) {
        let pairs = zip(text.tokens, text.tokens.dropFirst()).map { [$0, $1] }
        #expect(Set(pairs).count == pairs.count, "\(text.tokens)")
        #expect(text.tokens.count > 10 && text.tokens.count <= 14)
      }
    }
  }

  /// Twice as many beams as there are texts find the best of all: so it is found by writing all of them down.
  @Test func manyBeamsFindTheBestOfAll() throws {
    let golden = try GoldenWriter("writing-2")
    for reward in [0.0, 1, 1.7, -0.5] {
      var settings = DecodingSettings(.beams(64), maximumLength: 3)
      settings.lengthReward = reward
      let found = try golden.write(settings, about: [1], prompted: false)[0]
      let best = try #require(try all(golden, settings).max { $0.score < $1.score })
      #expect(found.tokens == best.tokens, "\(reward)")
      #expect(difference(found.score(lengthReward: reward), best.score, relative: 1e-5) == nil)
    }
  }

  /// Every text of at most two written tokens about photo 1, by the logits of whole texts.
  private func all(_ golden: GoldenWriter, _ settings: DecodingSettings) throws -> [(tokens: [Int32], score: Double)] {
    let stop = golden.model.decoder.bounds.stop
    let start = golden.model.decoder.bounds.start
    let first = try golden.logProbabilities(of: [[start]])[0]
    let others = (0..<40 as Range<Int32>).filter { $0 != stop }
    let second = try golden.logProbabilities(of: others.map { [start, $0] })
    let short = ([start, stop], WrittenText.score(first[Int(stop)], 1, settings.lengthReward))
    return [short]
      + zip(others, second).flatMap { token, next in
        (0..<40 as Range<Int32>).map { last in
          ([start, token, last], WrittenText.score(first[Int(token)] + next[Int(last)], 2, settings.lengthReward))
        }
      }
  }

  @Test func settingsWithoutSenseAreRefused() {
    let flaws: [(String, (inout DecodingSettings) -> Void)] = [
      ("0 beams", { $0.search = .beams(0) }),
      ("probability 1.5", { $0.search = .nucleus(mass: 1.5, temperature: 1, seed: 0) }),
      ("temperature of 0", { $0.search = .nucleus(mass: 0.9, temperature: 0, seed: 0) }),
      ("at least 15 tokens", { $0.minimumLength = 15 }), ("the model knows 14", { $0.maximumLength = 20 }),
      ("begin with 5 tokens", { $0.maximumLength = 5 }), ("penalty of 0", { $0.repetitionPenalty = 0 }),
      ("repetitions of -1", { $0.blockedRepetition = -1 }), ("length reward", { $0.lengthReward = .nan }),
    ]
    for (words, change) in flaws {
      var settings = DecodingSettings(.beams(3), maximumLength: 13)
      #expect(settings.flaw(contextLength: 14, prompt: 5) == nil)
      change(&settings)
      #expect(settings.flaw(contextLength: 14, prompt: 5)?.contains(words) == true, "\(words)")
    }
  }
}

extension WrittenText {
  fileprivate var probability: Double { exp(logProbability) }
}

extension GoldenWriter {
  /// ln p of what comes behind each text about photo 1.
  fileprivate func logProbabilities(of texts: [[Int32]]) throws -> [[Double]] {
    let pixels = Array(try file.floats("input.pixel_values")[768..<1536])
    let tape = Tape(engine, recording: false)
    let images = model.imageEncoder(ImageInput(engine.tensor(pixels, shape: [1, 3, 16, 16])), .all, tape)
    let packed = PackedText(texts)
    let states = model.decoder.states(packed, images, contextOfText: texts.map { _ in 0 }, tape)
    let logits = model.decoder.logits(tape.gatherRows(states, packed.offsets.dropFirst().map { $0 - 1 }), tape)
    let normalizers = engine.logSumExps(logits)
    return logits.withValues { values in
      texts.indices.map { row in (0..<40).map { Double(values[row * 40 + $0]) - Double(normalizers[row]) } }
    }
  }
}
