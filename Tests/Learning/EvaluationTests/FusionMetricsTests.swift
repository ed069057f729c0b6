import Evaluation
import Foundation
import Testing

/// Two modalities of one bit each, of which the truth is known: all four combinations, many times over, each sample an image of its own.
private struct Bits {
  /// What the class is of the two.
  let truth: (Int, Int) -> Int
  /// The logit of class 1 of an ideal model; nil for a modality that is absent, of which it knows the odds.
  let logit: (Int?, Int?) -> Float
  let samples = 80

  private var first: [Int] { (0..<samples).map { $0 % 2 } }
  private var second: [Int] { (0..<samples).map { $0 / 2 % 2 } }
  private var classes: [Int] { zip(first, second).map(truth) }

  private func said(_ first: [Int?], _ second: [Int?]) -> ClassPredictions {
    predictions(zip(first, second).map { [0, logit($0, $1)] }, classes)
  }

  private func judged(_ first: [Int?], _ second: [Int?]) -> JudgedSplit { said(first, second).judged }

  func scores() throws -> FusionScores {
    let none = [Int?](repeating: nil, count: samples)
    var scores = FusionScores(
      modalities: ["image", "text"],
      present: [judged(none, none), judged(first, none), judged(none, second), judged(first, second)],
      absence: "unknown", clusters: Array(0..<samples))
    let clusters = ImageClusters(Array(0..<samples))
    let others = { (draw: Int, within: [Int]?) in
      Derangement(clusters, within: within, draw: draw).others.map { $0 ?? 0 }
    }
    func permuted(within: [Int]?) -> [[JudgedSplit]] {
      [
        (0..<5).map { draw in judged(others(draw, within).map { first[$0] }, second) },
        (0..<5).map { draw in judged(first, others(draw, within).map { second[$0] }) },
      ]
    }
    (scores.permuted, scores.permutedWithinClass) = (permuted(within: nil), permuted(within: classes))
    scores.withoutOther = [Bool](repeating: false, count: samples)
    let pairs = first.flatMap { a in second.flatMap { b -> [Float] in [0, logit(a, b)] } }
    var additive = said(first, second)
    additive.logits = try AdditiveProjection.project(pairs, samples: samples, classes: 2)
    scores.additive = (Array(0..<samples), additive.judged)
    return scores
  }

  /// Beside models of one modality that are as good as can be.
  func beside() throws -> BesideMetrics {
    let none = [Int?](repeating: nil, count: samples)
    return try BesideMetrics(
      judged(first, second),
      [
        .init(name: "image alone", modality: "image", judged: judged(first, none)),
        .init(name: "text alone", modality: "text", judged: judged(none, second)),
      ], modalities: ["image", "text"], clusters: Array(0..<samples), hasIntervals: true)
  }
}

@Suite struct FusionMetricsTests {
  /// Neither says anything alone, and both all: half of the accuracy needs them together, and adds up to nothing.
  @Test func exclusiveOr() throws {
    let bits = Bits(truth: { $0 ^ $1 }, logit: { a, b in a.flatMap { a in b.map { b in a ^ b == 1 ? 4 : -4 } } ?? -1 })
    let metrics = try FusionMetrics(bits.scores(), hasIntervals: true)
    #expect(metrics.missing.map(\.name) == ["image + text", "text", "image", ""])
    #expect(metrics.missing.map(\.figure.value) == [100, 50, 50, 50])
    #expect(try bits.beside().gain?.value == 50 && metrics.cooperation.value == 50)
    for row in metrics.byModality {
      #expect(row.shapley?.value == 25 && row.shapleyShare?.value == 50)
      // Another's bit is the same or not at even odds.
      #expect(abs((row.perceptual?.value ?? 0) - 50) < 15, "\(row)")
    }
    #expect(metrics.interaction?.value == 50 && metrics.interactionSamples == 80)
    let interval = try #require(metrics.cooperation.interval)
    #expect(interval.low < 50 && interval.high > 50 && interval.high < 90)
  }

  /// Both together, but what each says adds up to all of it: there is a gain and no interaction.
  @Test func conjunction() throws {
    let bits = Bits(
      truth: { $0 & $1 },
      logit: { a, b in
        switch (a, b) {
        case (0, _), (_, 0): -4
        case (1, 1): 4
        default: -1
        }
      })
    let metrics = try FusionMetrics(bits.scores())
    #expect(metrics.missing.map(\.figure.value) == [100, 75, 75, 75])
    #expect(try bits.beside().gain?.value == 25 && metrics.interaction?.value == 0)
    #expect(metrics.byModality.map { $0.shapleyShare?.value } == [50, 50])
  }

  /// Each says all: neither is needed, and together they bring less than the sum.
  @Test func copies() throws {
    // The bits of sample i are i % 2 and i / 2 % 2; a copy has the first in both places.
    let first = (0..<80).map { $0 % 2 }
    let right = predictions(first.map { [0, $0 == 1 ? 4 : -4] }, first)
    let unknown = predictions(first.map { _ in [0, -1] }, first)
    var scores = FusionScores(
      modalities: ["image", "text"], present: [unknown, right, right, right].map(\.judged), absence: "unknown",
      clusters: Array(0..<80))
    scores.changed = [
      AnswersUnderChange(name: "flipped", same: [Double?](repeating: 100, count: 80)),
      AnswersUnderChange(name: "other words", same: first.map { $0 == 1 ? 50 : nil }),
    ]
    let metrics = try FusionMetrics(scores, hasIntervals: true)
    let beside = try BesideMetrics(
      right.judged,
      [
        .init(name: "image alone", modality: "image", judged: right.judged),
        .init(name: "text alone", modality: "text", judged: unknown.judged),
      ], modalities: ["image", "text"], clusters: Array(0..<80), hasIntervals: true)
    #expect(beside.gain?.value == 0 && metrics.cooperation.value == -50)
    #expect(metrics.byModality.map { $0.shapley?.value } == [25, 25])
    #expect(metrics.byModality.map { $0.agreement?.value } == [100, 100])
    #expect(metrics.byModality.allSatisfy { $0.perceptual == nil } && metrics.interaction == nil)
    #expect(metrics.consistency.map(\.figure.value) == [100, 50] && metrics.consistency.map(\.samples) == [80, 40])
    // Nothing differs in any resample.
    #expect(beside.gain?.interval == Interval(low: 0, high: 0))
    #expect(beside.others.map { $0.difference?.value } == [0, 50])
    #expect(try JSONDecoder().decode(FusionMetrics.self, from: JSONEncoder().encode(metrics)) == metrics)
  }

  /// One modality is everything: the other's share is nothing, with another's image nothing is lost.
  @Test func oneModalityAlone() throws {
    let bits = Bits(truth: { a, _ in a }, logit: { a, _ in a.map { $0 == 1 ? 4 : -4 } ?? -1 })
    let metrics = try FusionMetrics(bits.scores())
    #expect(metrics.byModality.map { $0.shapleyShare?.value } == [100, 0])
    #expect(
      metrics.byModality[1].perceptual?.value == 0 && abs((metrics.byModality[0].perceptual?.value ?? 0) - 50) < 15)
    // One of the same class is as good.
    #expect(metrics.byModality[0].perceptualWithinClass?.value == 0)
    #expect(
      metrics.lines.contains { $0.hasPrefix("image + text") } && metrics.lines.contains("an absent modality is unknown")
    )
  }

  @Test func derangementsLeaveNobodyItsOwn() {
    let clusters = ImageClusters((0..<50).map { $0 / 2 })
    let classes = (0..<50).map { $0 / 2 % 3 }
    for draw in 0..<5 {
      let all = Derangement(clusters, draw: draw).others.compactMap { $0 }
      #expect(all.sorted() == Array(0..<50) && all.enumerated().allSatisfy { $0.offset / 2 != $0.element / 2 })
      // Not always the first one's first, and the second one's second.
      #expect((10...40).contains(all.enumerated().count { $0.offset % 2 == $0.element % 2 }))
      let within = Derangement(clusters, within: classes, draw: draw).others.compactMap { $0 }
      #expect(within.count == 50 && within.enumerated().allSatisfy { classes[$0.offset] == classes[$0.element] })
    }
    #expect(Derangement(clusters, draw: 0) != Derangement(clusters, draw: 1))
    #expect(Derangement(ImageClusters([1, 1, 2]), draw: 0).others == [nil, nil, nil])
    #expect(Derangement(ImageClusters([0, 1, 2]), within: [0, 0, 1], draw: 0).others == [1, 0, nil])
  }

  @Test func probesEqualScikitLearns() throws {
    let golden = try ClassesGolden.read().probe
    let probe = LinearProbe(golden.features, golden.targets, classes: 3)
    #expect(golden.asked.map { probe($0) } == golden.said)
  }

  /// Texts lie where images do, but for one class whose texts lie where another's images are.
  @Test func transferFindsWhatBothModalitiesShare() throws {
    let targets = (0..<60).map { $0 % 3 }
    let place = { (number: Int) in (0..<3).map { $0 == number ? 1.0 : 0 } }
    let seen = CrossModalMetrics.Features(
      images: targets.map(place), texts: targets.map(place), targets: targets, clusters: Array(0..<60))
    var asked = seen
    asked.texts = targets.map { place($0 == 2 ? 1 : $0) }
    var metrics = CrossModalMetrics()
    try metrics.addTransfer(from: seen, to: asked, classes: 3, hasIntervals: true)
    #expect(try abs(#require(metrics.imageProbeOnText).value - 200.0 / 3) < 1e-9)
    #expect(metrics.textProbeOnImage?.value == 100)
    metrics.addFoils(
      [(own: 2, foil: 1), (own: 1, foil: 1), (own: 0, foil: 1), (own: 3, foil: 0)], clusters: [0, 1, 2, 3])
    #expect(metrics.foils?.value == 50)
    // Two texts are equal, and so are two others' scores.
    metrics.addRetrieval(
      images: [[1, 0], [0, 1], [0.5, 0.5]], texts: [[1, 0], [0, 1], [0, 1]], words: ["a", "b", "b"],
      clusters: [0, 1, 2])
    #expect(try abs(#require(metrics.imageToText).value - 200.0 / 3) < 1e-9)
    #expect(metrics.textToImage?.value == 100 && metrics.lines.contains { $0.hasPrefix("foils, 4 texts") })
  }

  /// A word stands where another one does, between the same two.
  @Test func foilsChangeOneWord() {
    let texts = ["a red cat runs", "a blue cat runs", "two dogs", nil, "a red dog runs"]
    let foils = Foils(texts)
    #expect(foils.foil(of: 0).map { ["a blue cat runs", "a red dog runs"].contains($0) } == true)
    #expect(foils.foil(of: 1) == "a red cat runs" && foils.foil(of: 2) == nil && foils.foil(of: 3) == nil)
    #expect(foils.foil(of: 0, besides: ["the dog"]) == "a blue cat runs")
  }

  @Test func impossiblePartsAreErrors() throws {
    let sound = predictions([[0, 1], [1, 0]], [0, 1]).judged
    func scores(_ modalities: [String], _ present: [JudgedSplit], clusters: [Int] = [0, 1]) -> FusionScores {
      FusionScores(modalities: modalities, present: present, absence: "unknown", clusters: clusters)
    }
    let both = ["image", "text"]
    for wrong in [
      scores(both, [sound, sound]), scores(both, [sound, sound, sound, predictions([[0, 1]], [0]).judged]),
      scores(["image"], [sound, sound]), scores(both, [sound, sound, sound, sound], clusters: [0]),
    ] { #expect(throws: EvaluationError.self) { try FusionMetrics(wrong) } }
    #expect(throws: EvaluationError.self) { try BesideMetrics(sound, [], modalities: both, clusters: [0]) }
    // Without a model of each there is no gain.
    let image = BesideMetrics.Other(name: "image alone", modality: "image", judged: sound)
    let lacking = try BesideMetrics(sound, [image], modalities: both, clusters: [0, 1])
    #expect(
      lacking.gain == nil
        && lacking.remarks == ["the gain over the best of one modality is not said, as there is no model of text alone"]
    )
    #expect(throws: EvaluationError.self) { try AdditiveProjection.project([1], samples: 2, classes: 2) }
  }
}
