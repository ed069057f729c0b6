extension DataSetExpectations {
  /// Holds what was found against what is known.
  ///
  /// A set may be whole in two ways: with all its photos, or with those alone that its splits use. Flickr30k has 31,783
  /// photos with 158,915 captions, its splits 31,014 with 155,070: either pair of numbers is as expected.
  func check(_ report: PreparationReport) -> [Expectation] {
    let inSet = report.splits.reduce(0) { $0 + $1.photos }
    let inSplits = splits.reduce(0) { $0 + $1.photos }
    var checks: [Expectation] = []
    if let photos {
      checks.append(nearest("photos", found: [report.photosFound, inSet], wanted: [photos, inSplits]))
    }
    if let captions {
      let found = report.captionSources.map(\.rows) + [report.splits.reduce(0) { $0 + $1.captions }]
      checks.append(nearest("captions", found: found, wanted: [captions, inSplits * (captionsPerPhoto ?? 0)]))
    }
    if let captionsPerPhoto {
      let found = report.captionCounts.first { $0.captions == captionsPerPhoto }?.photos ?? 0
      checks.append(Expectation(what: "photos with \(captionsPerPhoto) captions", expected: inSet, found: found))
    }
    return checks + splitChecks(report)
  }

  /// One that agrees where there is one; the first of both otherwise. No data set has nothing.
  private func nearest(_ what: String, found: [Int], wanted: [Int]) -> Expectation {
    let agreed = wanted.first { $0 > 0 && found.contains($0) }
    return Expectation(what: what, expected: agreed ?? wanted[0], found: agreed ?? found[0])
  }

  /// The splits that are known, then those that were found beside them.
  private func splitChecks(_ report: PreparationReport) -> [Expectation] {
    guard !splits.isEmpty else { return [] }
    let known = splits.map { Split(name: canonicalSplit($0.name) ?? $0.name, photos: $0.photos) }
    let others = report.splits.filter { split in !known.contains { $0.name == split.name } }
    return known.map { split in
      let found = report.splits.first { $0.name == split.name }?.photos ?? 0
      return Expectation(what: "photos in \(split.name)", expected: split.photos, found: found)
    } + others.map { Expectation(what: "photos in \($0.name)", expected: 0, found: $0.photos) }
  }
}

extension PreparationReport {
  /// What a reader has to know about differences from the known numbers, or nil where there are none.
  var expectationWarning: String? {
    let differing = expectations.filter { $0.verdict != .asExpected }
    guard !differing.isEmpty else { return nil }
    let numbers = differing.map { "\($0.what) \($0.found), known \($0.expected)" }.joined(separator: "; ")
    let meaning =
      differing.contains { $0.verdict == .more }
      ? "these are not the published set and splits, and figures cannot be held against published ones"
      : "a part of the set, or an incomplete copy"
    return "other numbers than the set is known for (\(numbers)): \(meaning)"
  }
}
