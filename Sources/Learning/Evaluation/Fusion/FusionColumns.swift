/// For each sample of which it is known what is right, how right each of the ways is in which it was shown: all figures of fusion are made
/// of means of these, so that a resample takes the same samples of all.
struct FusionColumns {
  let count: Int
  let clusters: [Int]
  private let modalities: Int
  /// By set of modalities.
  private let present: [[Double]]
  private let permuted: [[Double]]
  private let permutedWithinClass: [[Double?]]
  /// How often another answer is given with another's modality.
  private let changedByOther: [[Double]]
  /// How often what is said with one alone is what is said with all.
  private let agreements: [[Double]]
  let changed: [AnswersUnderChange]
  /// Where all may only add up; nil for a sample that was not looked at.
  private let additive: [Double?]?

  init(_ scores: FusionScores) throws(EvaluationError) {
    let full = scores.full
    let known = full.percent.indices.filter { full.percent[$0] != nil }
    guard !known.isEmpty else { throw .empty(what: "samples with a known class") }
    func right(_ judged: JudgedSplit) -> [Double] { known.map { judged.percent[$0] ?? 0 } }
    func same(_ judged: JudgedSplit) -> [Double] { known.map { judged.said[$0] == full.said[$0] ? 100 : 0 } }
    (count, clusters, modalities) = (known.count, known.map { scores.clusters[$0] }, scores.modalities.count)
    present = scores.present.map(right)
    permuted = scores.permuted.map { average($0.map(right)) }
    permutedWithinClass = scores.permutedWithinClass.map { draws in
      zip(known, average(draws.map(right))).map { scores.withoutOther[$0] ? nil : $1 }
    }
    changedByOther = scores.permuted.map { average($0.map(same)).map { 100 - $0 } }
    agreements = scores.modalities.indices.map { same(scores.present[1 << $0]) }
    changed = scores.changed.map { change in
      AnswersUnderChange(name: change.name, same: known.map { change.same[$0] })
    }
    additive = scores.additive.map { additive in
      let percents = Dictionary(uniqueKeysWithValues: zip(additive.samples, additive.judged.percent))
      return known.map { percents[$0] ?? nil }
    }
  }

  /// Samples that were looked at for what adds up.
  var additiveCount: Int? { additive.map { $0.count { $0 != nil } } }

  // MARK: Figures of a resample; NaN where there is nothing of the kind

  func mean(_ values: [Double], _ times: [Int]) -> Double {
    zip(values, times).reduce(0.0) { $0 + $1.0 * Double($1.1) } / Double(times.reduce(0, +))
  }

  /// Of those that have one.
  func mean(ofKnown values: [Double?], _ times: [Int]) -> Double {
    let known = values.indices.filter { values[$0] != nil }
    return mean(known.map { values[$0] ?? 0 }, known.map { times[$0] })
  }

  /// With a set of modalities: v.
  func accuracy(of set: Int, _ times: [Int]) -> Double { mean(present[set], times) }

  func perceptual(_ modality: Int, _ times: [Int]) -> Double {
    permuted.isEmpty ? .nan : accuracy(of: present.count - 1, times) - mean(permuted[modality], times)
  }

  func perceptualWithinClass(_ modality: Int, _ times: [Int]) -> Double {
    guard !permutedWithinClass.isEmpty else { return .nan }
    return mean(ofKnown: lost(permutedWithinClass[modality]), times)
  }

  func changedByOther(_ modality: Int, _ times: [Int]) -> Double {
    changedByOther.isEmpty ? .nan : mean(changedByOther[modality], times)
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

  func interaction(_ times: [Int]) -> Double { additive.map { mean(ofKnown: lost($0), times) } ?? .nan }

  func agreement(_ modality: Int, _ times: [Int]) -> Double { mean(agreements[modality], times) }

  /// Of each sample with all, less what is left.
  private func lost(_ left: [Double?]) -> [Double?] {
    zip(present[present.count - 1], left).map { all, left in left.map { all - $0 } }
  }
}

private func average(_ draws: [[Double]]) -> [Double] {
  (draws.first ?? []).indices.map { place in draws.reduce(0.0) { $0 + $1[place] } / Double(draws.count) }
}

private func factorial(_ number: Int) -> Double { (1...max(number, 1)).reduce(1.0) { $0 * Double($1) } }
