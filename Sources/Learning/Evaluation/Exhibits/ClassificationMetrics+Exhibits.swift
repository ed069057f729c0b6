extension ClassificationMetrics {
  /// What a page shows of what was told of the classes of a split.
  /// - Parameters:
  ///   - all: what these figures are of.
  ///   - count: samples that are shown.
  ///   - sample: names one by its place in the split, with the text that was read beside it.
  package func exhibits(
    of all: ClassPredictions, showing count: Int, sample: (Int) throws -> ShownSample
  ) rethrows -> [Exhibit] {
    let table = confusion.map { [Exhibit.confusion(classes: all.classes, counts: $0)] } ?? []
    let labelled = all.labelled
    return table + [
      .reliability(labelled.reliability(), error: ece, ifCalibrated: eceIfCalibrated),
      .riskCoverage(riskCoverage, area: aurc),
    ] + (try samples(of: all, showing: count, sample: sample)).map { .samples($0) }
  }

  /// The surest mistakes, from which one learns most of a model or of its data, and what is hardly right.
  private func samples(
    of all: ClassPredictions, showing count: Int, sample: (Int) throws -> ShownSample
  ) rethrows -> [ShownSamples] {
    let known = all.targets.indices.filter { isSeveral || !all.targets[$0].isEmpty }
    let verdicts = all.verdicts()
    let sure = { (place: Int) in verdicts[place].confidence }
    let wrong = known.filter { !verdicts[$0].isRight }.sorted { (sure($1), $0) < (sure($0), $1) }
    let right = known.filter { verdicts[$0].isRight }.sorted { (sure($0), $0) < (sure($1), $1) }
    let (most, least) = (wrong.prefix((count + 1) / 2), right.prefix(count / 2))
    func shown(_ places: ArraySlice<Int>) throws -> [ShownSample] {
      try places.map { told(all, try sample($0), isRight: verdicts[$0].isRight) }
    }
    return [
      ShownSamples(
        title: "The surest mistakes",
        choice: "Told wrong: \(wrong.count) of \(known.count) samples. Shown: \(most.count), the surest first.",
        samples: try shown(most)),
      ShownSamples(
        title: "Right, and hardly sure",
        choice: "Told right: \(right.count) of \(known.count) samples. Shown: \(least.count), the least sure first.",
        samples: try shown(least)),
    ].filter { !$0.samples.isEmpty }
  }

  private func told(_ all: ClassPredictions, _ sample: ShownSample, isRight: Bool) -> ShownSample {
    var sample = sample
    let probabilities = all.probabilities(of: sample.place)
    let order = probabilities.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    sample.told = order.prefix(Self.toldClasses).map {
      .init(text: all.classes[$0], probability: probabilities[$0], number: $0)
    }
    sample.right = all.targets[sample.place].map { all.classes[$0] }
    sample.isRight = isRight
    return sample
  }

  /// Of a sample that is shown.
  private static let toldClasses = 4
}
