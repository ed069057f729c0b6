import Batching
import Collectives
import Inference
import Reporting
import TestSupport
import Testing

/// A model in which photos and texts meet from the start: it has scores of pairs and no features.
@Suite struct PairMatchTests {
  private let place: TemporaryDirectory
  private let texts = ["two dogs on a beach", "a red car", "two dogs on a beach", "snow"]

  init() throws {
    place = try TemporaryDirectory()
    try writePhotos(["a.jpg", "b.jpg", "c.jpg"], in: place("photos"))
    try writeTinyViLT(in: place("model"))
  }

  private func matched(_ texts: [String], ranks: Int = 1, over choice: MatchScores.Choice? = nil) throws
    -> MatchedPhotos
  {
    let (model, photos) = (place("model"), place("photos"))
    return try InProcessCommunicator.run(ranks: ranks) { communicator in
      var settings = PhotoEncoding()
      settings.chunk = 1
      return try LoadedModel(path: model, threads: 1)
        .match(PhotoFiles(at: [photos]), texts, over: choice, settings, communicator)
    }[0]
  }

  /// Each pair by itself, whatever else is asked about, and on any number of ranks.
  @Test func pairsAreScoredByTheHead() throws {
    let all = try matched(texts)
    #expect(all.scores.choice == .pairs && all.places == [0, 1, 2] && all.scores.logits.count == 12)
    #expect(Set(all.scores.logits).count == 9, "equal texts have equal scores, and nothing else: \(all.scores.logits)")
    #expect(try matched(texts, ranks: 2).scores.logits == all.scores.logits)
    let alone = try matched([texts[1]])
    let column = [1, 5, 9].map { all.scores.logits[$0] }
    #expect(difference(alone.scores.logits, column, relative: 1e-5, floor: 1e-5) == nil)
    for photo in 0..<3 {
      #expect(all.scores.logit(image: photo, text: 0) == all.scores.logit(image: photo, text: 2))
      let (probability, logit) = (
        all.scores.probability(image: photo, text: 1), all.scores.logit(image: photo, text: 1)
      )
      #expect((probability > 0.5) == (logit > 0))
    }
    let overTexts = try matched(texts, over: .texts).scores.probabilities
    #expect(abs(overTexts[0..<4].reduce(0, +) - 1) < 1e-5)
  }

  /// What needs features says so, before anything is read.
  @Test func thereAreNoFeatures() throws {
    let model = try LoadedModel(path: place("model"), threads: 1)
    #expect(model.logitFactor == nil && model.logitBias == nil)
    for ask in [{ _ = try model.encode(texts) }, { _ = try model.encode(PhotoFiles(at: [place("photos")])) }] {
      let error = #expect(throws: InferenceError.self, performing: ask)
      #expect(error?.exitCode == .configuration)
      #expect(error?.description.contains("vilt has no features of images and texts in one space") == true)
    }
  }
}
