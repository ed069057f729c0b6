import Inference
import TestSupport
import Testing

@Suite struct MatchScoresTests {
  /// By hand: e², e⁰, e¹ over their sums.
  @Test func probabilitiesAreThoseOfTheSoftmax() {
    let scores = MatchScores(logits: [2, 0, 1, 0, 0, 0], images: 2, texts: 3, over: .texts)
    #expect(
      difference(
        scores.probabilities, [0.665_241, 0.090_031, 0.244_728, 1 / 3, 1 / 3, 1 / 3], relative: 1e-5) == nil)
    #expect(scores.best(2, ofImage: 0) == [0, 2])
    #expect(scores.best(5, ofImage: 1) == [0, 1, 2], "equal ones in their order")
  }

  @Test func photosAreChosenAmongToo() {
    let scores = MatchScores(logits: [2, 7, 0, 7, 1, 7], images: 3, texts: 2, over: .images)
    #expect(
      difference(
        scores.probabilities, [0.665_241, 1 / 3, 0.090_031, 1 / 3, 0.244_728, 1 / 3], relative: 1e-5) == nil)
  }

  @Test func pairsStandByThemselves() {
    let scores = MatchScores(logits: [0, 2, -200], images: 1, texts: 3, over: .pairs)
    #expect(difference(scores.probabilities, [0.5, 0.880_797, 0], relative: 1e-5, floor: 1e-30) == nil)
  }

  @Test func oneTextAsksWhichPhoto() throws {
    let model = try Workshop().model
    let texts = try model.encode(["a", "b"]).features
    let one = try model.encode(["a"]).features
    #expect(model.logitBias == nil)
    #expect(model.match(images: texts, texts: one).choice == .images)
    #expect(model.match(images: texts, texts: one, over: .texts).probabilities == [1, 1])
    #expect(model.match(images: one, texts: one).choice == .texts)
    #expect(model.match(images: texts, texts: texts).choice == .texts)
  }

  @Test func largeLogitsDoNotOverflow() {
    let scores = MatchScores(logits: [1000, 1001, -1000], images: 1, texts: 3, over: .texts)
    #expect(difference(scores.probabilities, [0.268_941, 0.731_059, 0], relative: 1e-5) == nil)
  }

  @Test func logitsAreScaledCosines() throws {
    let model = try Workshop().model
    let texts = try model.encode(["a dog", "two cars"]).features
    let scores = model.match(images: texts, texts: texts)
    let cosine = zip(texts[0], texts[1]).reduce(0) { $0 + $1.0 * $1.1 }
    let factor = try #require(model.logitFactor)
    #expect(abs(factor - 1 / 0.07) < 1e-3)
    #expect(abs(scores.logit(image: 0, text: 1) - cosine * factor) < 1e-4)
    #expect(abs(scores.logit(image: 1, text: 1) - factor) < 1e-4)
  }
}
