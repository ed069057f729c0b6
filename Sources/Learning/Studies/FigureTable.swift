internal import Evaluation

/// One figure of all variants.
struct FigureTable {
  let rows: [StudyResult.Figure]

  init(
    _ figure: StudyPlan.Figure, _ plan: StudyPlan, _ runs: [StudyRun], _ report: (StudyRun) -> [UInt8]?
  ) {
    let blocks = plan.blocks
    func found<Value>(_ variant: String, _ read: ([UInt8]) -> Value?) -> [Value?] {
      blocks.map { block in
        runs.first { $0.recipe == variant && $0.block == block }.flatMap(report).flatMap(read)
      }
    }
    let measured = plan.variants.map { found($0.name) { reportedFigure(figure.figure, in: $0) } }
    let base = plan.variants.firstIndex { $0.name == plan.baseline } ?? 0
    let differences = measured.enumerated().map { place, values -> SampleMean? in
      guard place != base else { return nil }
      let pairs = zip(values, measured[base]).compactMap { own, other in
        own.flatMap { own in other.map { (own.value, $0.value) } }
      }
      return SampleMean(pairs.map(\.0), less: pairs.map(\.1))
    }
    let corrected = holmCorrected(differences.map { $0?.p })
    // The share of right ones is what single samples add up to.
    let isShare = figure.figure == "accuracy" && figure.without.isEmpty
    let isOneSet = plan.sets.count < 2 || plan.measuredSet != nil
    let samples = isShare && isOneSet ? plan.variants.map { found($0.name) { StudySamples(inReport: $0) } } : []
    rows = measured.enumerated().map { place, values in
      let pair = samples.isEmpty || place == base ? nil : SamplePair(samples[place], samples[base])
      return StudyResult.Figure(
        figure: figure, values: values.map { $0?.value }, mean: SampleMean(values.compactMap { $0?.value }),
        testInterval: testInterval(values.compactMap(\.self)), difference: differences[place],
        corrected: corrected[place], bootstrap: pair?.bootstrap, mcNemar: pair?.mcNemar)
    }
  }
}

private func testInterval(_ figures: [MeasuredFigure]) -> Interval? {
  let intervals = figures.compactMap(\.interval)
  guard !intervals.isEmpty, intervals.count == figures.count else { return nil }
  let count = Double(intervals.count)
  return Interval(
    low: intervals.reduce(0) { $0 + $1.lowerBound } / count, high: intervals.reduce(0) { $0 + $1.upperBound } / count)
}

/// A variant and the baseline, sample by sample.
private struct SamplePair {
  let bootstrap: PairedBootstrap?
  let mcNemar: McNemarTest?

  /// Nil where they were not asked the same.
  init?(_ own: [StudySamples?], _ base: [StudySamples?]) {
    let pairs = zip(own, base).compactMap { own, base in own.flatMap { own in base.map { (own, $0) } } }
    guard let first = pairs.first else { return nil }
    let clusters = first.0.clusters
    let known = clusters.indices.filter { place in
      pairs.allSatisfy { own, base in
        own.percent.indices.contains(place) && base.percent.indices.contains(place) && own.percent[place] != nil
          && base.percent[place] != nil
      }
    }
    guard pairs.allSatisfy({ $0.0.clusters == clusters && $0.1.clusters == clusters }), !known.isEmpty else {
      return nil
    }
    func mean(_ all: [StudySamples]) -> [Double] {
      known.map { place in all.reduce(0.0) { $0 + ($1.percent[place] ?? 0) } / Double(all.count) }
    }
    bootstrap = PairedBootstrap(mean(pairs.map(\.0)), less: mean(pairs.map(\.1)), clusters: known.map { clusters[$0] })
    let both = known.map { (first.0.percent[$0] ?? 0, first.1.percent[$0] ?? 0) }
    let isRightOrWrong = both.allSatisfy { [0, 100].contains($0.0) && [0, 100].contains($0.1) }
    mcNemar = isRightOrWrong ? McNemarTest(both.map { $0.0 == 100 }, both.map { $0.1 == 100 }) : nil
  }
}
