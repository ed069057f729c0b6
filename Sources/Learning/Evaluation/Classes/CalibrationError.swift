internal import Foundation
internal import Randomness

/// How far stated probabilities are from what comes true: the expected calibration error (Naeini et al., AAAI 2015; Guo et al., ICML
/// 2017). What is stated is put into bins, and of each bin the mean is compared with the share that came true.
///
/// It is never 0 by chance: a calibrated model's bins too differ from their means, the more so the fewer samples there are. So it is
/// given beside what a calibrated model would show at this number (`ifCalibrated`), and is no proper score.
package struct CalibrationError {
  /// Ascending, each with the samples that state it and whether it came true.
  private let steps: [(confidence: Double, members: [(sample: Int, isTrue: Bool)])]

  /// - Parameters:
  ///   - confidences: what is stated, as probabilities.
  ///   - samples: whose each is: one may state several.
  package init(_ confidences: [Double], _ isTrue: [Bool], samples: [Int]) {
    steps = plateaus(of: confidences).reversed().map { places in
      (confidences[places[0]], places.map { (samples[$0], isTrue[$0]) })
    }
  }

  /// Bins of equal width, (low, high] each as in the reference; one that is stated as 0 is in the first.
  /// - Parameter times: how often each sample is there.
  package func equalWidth(_ times: [Int], bins count: Int = CalibrationError.bins) -> Double {
    var bins = [CalibrationBin](repeating: CalibrationBin(), count: count)
    for step in steps {
      let bin = binOfEqualWidth(step.confidence, of: count)
      for member in step.members { bins[bin].add(step.confidence, member.isTrue, times: times[member.sample]) }
    }
    return error(bins)
  }

  /// Bins of equal numbers, of the least stated up. Equal ones on both sides of a border are shared out evenly.
  package func equalMass(_ times: [Int], bins count: Int = CalibrationError.bins) -> Double {
    let sizes = steps.map { step in step.members.reduce(0) { $0 + times[$1.sample] } }
    let total = sizes.reduce(0, +)
    var (bins, bin, before) = ([CalibrationBin](repeating: CalibrationBin(), count: count), 0, 0)
    for (step, size) in zip(steps, sizes) where size > 0 {
      let right = step.members.reduce(0) { $0 + ($1.isTrue ? times[$1.sample] : 0) }
      var left = size
      while left > 0 {
        while total * (bin + 1) / count <= before { bin += 1 }
        let taken = min(left, total * (bin + 1) / count - before)
        bins[bin].add(step.confidence, weight: Double(taken), right: Double(right * taken) / Double(size))
        (left, before) = (left - taken, before + taken)
      }
    }
    return error(bins)
  }

  package static let bins = 15

  /// What a model would show on average whose statements come true as often as they say: each is drawn anew, by itself.
  package func ifCalibrated(_ times: [Int], draws: Int = 200) -> Double {
    let errors = (0..<draws).map { draw in
      var random = RandomStream(seed: 0, .calibratedLabels, UInt64(draw))
      let drawn = steps.map { step in
        (step.confidence, step.members.map { ($0.sample, Double(random.uniform()) < step.confidence) })
      }
      return CalibrationError(steps: drawn).equalWidth(times)
    }
    return errors.reduce(0, +) / Double(draws)
  }

  private init(steps: [(Double, [(Int, Bool)])]) {
    self.steps = steps.map { ($0.0, $0.1.map { (sample: $0.0, isTrue: $0.1) }) }
  }
}

/// What was stated between two probabilities, and what came true.
struct CalibrationBin: Equatable {
  var count = 0.0
  private(set) var confidences = 0.0
  private(set) var right = 0.0

  mutating func add(_ confidence: Double, _ isTrue: Bool, times: Int) {
    add(confidence, weight: Double(times), right: isTrue ? Double(times) : 0)
  }

  mutating func add(_ confidence: Double, weight: Double, right: Double) {
    count += weight
    confidences += weight * confidence
    self.right += right
  }
}

/// The mean over samples of how far their bin's shares are apart; NaN without any.
private func error(_ bins: [CalibrationBin]) -> Double {
  let count = bins.reduce(0) { $0 + $1.count }
  return bins.reduce(0) { $0 + abs($1.right - $1.confidences) } / count
}

/// The bin that holds a probability in (low, high].
func binOfEqualWidth(_ probability: Double, of count: Int) -> Int {
  var bin = min(max(Int((probability * Double(count)).rounded(.up)) - 1, 0), count - 1)
  while bin > 0, probability <= Double(bin) / Double(count) { bin -= 1 }
  while bin < count - 1, probability > Double(bin + 1) / Double(count) { bin += 1 }
  return bin
}

/// The places of equal values together, the highest first.
func plateaus(of values: [Double]) -> [[Int]] {
  let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }
  return order.reduce(into: []) { plateaus, place in
    if let last = plateaus.last, values[last[0]] == values[place] {
      plateaus[plateaus.count - 1].append(place)
    } else {
      plateaus.append([place])
    }
  }
}
