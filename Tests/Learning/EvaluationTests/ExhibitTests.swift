import Evaluation
import Testing

/// What a page shows of a split, and which samples.
@Suite struct ExhibitTests {
  @Test func halfIsRightAndHalfIsWrong() {
    let isRight = (0..<40).map { $0 % 4 != 0 }
    let choice = ShownChoice(drawnFrom: isRight, count: 6)
    #expect(choice.cases.map { isRight[$0] } == [true, true, true, false, false, false])
    #expect(Set(choice.cases).count == 6 && choice == ShownChoice(drawnFrom: isRight, count: 6))
    #expect(choice.cases.prefix(3) != [1, 2, 3], "drawn, and not the first ones")
    #expect(
      choice.sentence(right: "found", wrong: "others", how: "drawn")
        == "3 of the 30 found, and 3 of the 10 others, drawn.")
  }

  @Test(arguments: [(1, 7, [1, 5]), (8, 0, [6, 0]), (0, 2, [0, 2]), (2, 2, [2, 2])])
  func whereOneHalfHasTooFewTheOtherHasMore(right: Int, wrong: Int, shown: [Int]) {
    let isRight = [Bool](repeating: true, count: right) + [Bool](repeating: false, count: wrong)
    let cases = ShownChoice(drawnFrom: isRight, count: 6).cases
    #expect([cases.count { isRight[$0] }, cases.count { !isRight[$0] }] == shown)
  }

  /// Right ones stand behind wrong ones of the same score; what is no number counts against the model.
  @Test func whatIsFoundStandsAsItIsCounted() throws {
    let scores: [Float] = [0.5, 0.9, .nan, 0.5, .nan, 0.1]
    let row = SearchRow(scores, own: [0, 4])
    let found = row.found(4) { ShownSearch.Item(place: $0, name: "\($0)") }
    #expect(found.map(\.item.place) == [2, 1, 3, 0] && found.map(\.isRight) == [false, false, false, true])
    #expect(row.rank == 4 && row.right == 0 && row.count == 6)
    let layout = try RetrievalLayout(images: 3, imageOfCaption: [0, 1, 1, 2, 0, 2])
    let ranks = try scores.withUnsafeBufferPointer { try imageToTextRanks(scores: $0, firstImage: 0, layout: layout) }
    #expect(ranks == [Int32(row.rank)])
  }

  @Test func mistakesComeFromTheSurestOn() throws {
    let all = predictions([[4, 0], [0, 1], [3, 0], [0, 0.5], [2, 0], [1, 1.5]], [0, 0, 1, 1, nil, 0])
    let metrics = try ClassificationMetrics(all)
    let exhibits = metrics.exhibits(of: all, showing: 3) { ShownSample(place: $0, name: "s\($0)") }
    #expect(exhibits[0] == .confusion(classes: ["class 0", "class 1"], counts: [[1, 2], [1, 1]]))
    guard case .reliability(let bins, let error, _) = exhibits[1],
      case .riskCoverage(let points, let area) = exhibits[2],
      case .samples(let mistakes) = exhibits[3], case .samples(let hardly) = exhibits[4]
    else { return #expect(Bool(false), "\(exhibits)") }
    #expect(bins.reduce(0) { $0 + $1.count } == 5 && error == metrics.ece)
    #expect(points == metrics.riskCoverage && area == metrics.aurc)
    #expect(mistakes.samples.map(\.name) == ["s2", "s1"] && hardly.samples.map(\.name) == ["s3"])
    #expect(mistakes.choice == "Told wrong: 3 of 5 samples. Shown: 2, the surest first.")
    let first = mistakes.samples[0]
    #expect(first.isRight == false && first.right == ["class 1"] && first.told.map(\.text) == ["class 0", "class 1"])
    #expect(abs((first.told[0].probability ?? 0) - 0.95257) < 1e-4)
  }

  @Test func captionsAreTheBestAndTheWorst() {
    let samples = [0.3, 0.1, 0.9, 0.5, 0.7].enumerated().map { place, score in
      var sample = WrittenSample(
        place: place, name: "\(place)", text: ToldText(words: "a", logProbability: -1, tokens: 1, isCut: false),
        references: ["b"])
      sample.scores = CaptionScores(cider: nil, rougeL: score)
      return sample
    }
    let shown = samples.exhibits(showing: 4).compactMap { if case .samples(let shown) = $0 { shown } else { nil } }
    #expect(shown.map { $0.samples.map(\.place) } == [[2, 4], [1, 0]])
    #expect(shown[0].choice == "Of 5 captions the 2 with the highest ROUGE-L.")
    #expect(samples.exhibits(showing: 40).count == 1, "no caption stands on both sides")
    #expect(samples.exhibits(showing: 0).isEmpty)
  }
}
