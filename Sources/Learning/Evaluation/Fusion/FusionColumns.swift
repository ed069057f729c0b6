/// For each sample with a known class whether it is right in each of the ways it was shown: all figures of fusion are made of means of
/// these, so that a resample takes the same samples of all.
struct FusionColumns {
  let count: Int
  let clusters: [Int]
  private let modalities: Int
  /// By set of modalities.
  private let present: [[Double]]
  private let permuted: [[Double]]
  private let permutedWithinClass: [[Double?]]
  private let alone: [[Double]]
  /// How often what is said with one alone is what is said with all.
  private let agreements: [[Double]]
  let changed: [(String, [Double])]
  /// Of the first samples, whether right where all may only add up.
  let additive: [Double]?

  init(_ scores: FusionScores) throws(EvaluationError) {
    let full = scores.full
    let known = full.targets.indices.filter { full.isSeveral || !full.targets[$0].isEmpty }
    guard !known.isEmpty else { throw .empty(what: "samples with a known class") }
    func right(_ predictions: ClassPredictions) -> [Double] {
      predictions.selecting(known).verdicts().map { $0.isRight ? 100 : 0 }
    }
    func average(_ draws: [ClassPredictions]) -> [Double] {
      let rights = draws.map(right)
      return known.indices.map { place in rights.reduce(0.0) { $0 + $1[place] } / Double(rights.count) }
    }
    let taken = full.selecting(known).taken
    func same(_ predictions: ClassPredictions) -> [Double] {
      zip(predictions.selecting(known).taken, taken).map { $0 == $1 ? 100 : 0 }
    }
    (count, clusters, modalities) = (known.count, known.map { full.clusters[$0] }, scores.modalities.count)
    present = scores.present.map(right)
    permuted = scores.permuted.map(average)
    permutedWithinClass = scores.permutedWithinClass.map { draws in
      zip(known, average(draws)).map { scores.withoutOther[$0] ? nil : $1 }
    }
    alone = scores.alone.map(right)
    agreements = scores.modalities.indices.map { same(scores.present[1 << $0]) }
    changed = scores.changed.map { ($0.name, same($0.predictions)) }
    additive = scores.additive.map { additive in
      additive.verdicts().map { $0.isRight ? 100 : 0 }
    }
  }

  // MARK: Figures of a resample; NaN where there is nothing of the kind

  func mean(_ values: [Double], _ times: [Int]) -> Double {
    zip(values, times).reduce(0.0) { $0 + $1.0 * Double($1.1) } / Double(times.prefix(values.count).reduce(0, +))
  }

  /// With a set of modalities: v.
  func accuracy(of set: Int, _ times: [Int]) -> Double { mean(present[set], times) }

  func gain(_ times: [Int]) -> Double {
    alone.map { mean($0, times) }.max().map { accuracy(of: present.count - 1, times) - $0 } ?? .nan
  }

  func perceptual(_ modality: Int, _ times: [Int]) -> Double {
    permuted.isEmpty ? .nan : accuracy(of: present.count - 1, times) - mean(permuted[modality], times)
  }

  func perceptualWithinClass(_ modality: Int, _ times: [Int]) -> Double {
    guard !permutedWithinClass.isEmpty else { return .nan }
    let lost = permutedWithinClass[modality].enumerated().compactMap { place, value in
      value.map { (present[present.count - 1][place] - $0, times[place]) }
    }
    return mean(lost.map(\.0), lost.map(\.1))
  }

  /// Σ over sets S without it of |S|! (M − |S| − 1)! / M! · (v(S and it) − v(S)).
  func shapley(_ modality: Int, _ times: [Int]) -> Double {
    (0..<present.count).filter { $0 & 1 << modality == 0 }.reduce(0.0) { sum, set in
      let size = set.nonzeroBitCount
      let weight = factorial(size) * factorial(modalities - size - 1) / factorial(modalities)
      return sum + weight * (accuracy(of: set | 1 << modality, times) - accuracy(of: set, times))
    }
  }

  /// Of what all bring beyond nothing; NaN where that is nothing.
  func shapleyShare(_ modality: Int, _ times: [Int]) -> Double {
    let all = accuracy(of: present.count - 1, times) - accuracy(of: 0, times)
    return all == 0 ? .nan : 100 * shapley(modality, times) / all
  }

  /// What all bring less what each brings alone.
  func cooperation(_ times: [Int]) -> Double {
    let nothing = accuracy(of: 0, times)
    return (0..<modalities).reduce(accuracy(of: present.count - 1, times) - nothing) {
      $0 - (accuracy(of: 1 << $1, times) - nothing)
    }
  }

  func interaction(_ times: [Int]) -> Double {
    guard let additive else { return .nan }
    return mean(Array(present[present.count - 1].prefix(additive.count)), times) - mean(additive, times)
  }

  func agreement(_ modality: Int, _ times: [Int]) -> Double { mean(agreements[modality], times) }
}

private func factorial(_ number: Int) -> Double { (1...max(number, 1)).reduce(1.0) { $0 * Double($1) } }
