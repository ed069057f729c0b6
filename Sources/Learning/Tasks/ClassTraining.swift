internal import Batching

/// How classes are learnt.
package struct ClassTraining: Equatable, Sendable {
  var smoothing = 0.0
  var weights = TaskSettings.ClassWeights.none
  var sampling = TaskSettings.Sampling.uniform
  /// Samples of each class, and of the whole split that is trained on.
  package var counts: [Int] = []
  var samples = 0

  init() {}

  package init(_ settings: TaskSettings) {
    (smoothing, weights, sampling) = (settings.smoothing, settings.weights, settings.sampling)
  }

  /// By what the loss of a sample of each class is multiplied: N / (C n), so that all classes count the same and the mean over the split
  /// is 1. Nil where it is 1 for all.
  var classWeights: [Float]? {
    guard weights == .balanced else { return nil }
    let total = counts.reduce(0, +)
    return counts.map { Float(total) / Float(counts.count * $0) }
  }

  /// What a sample of each of some classes should be told, and what its loss counts: of PyTorch's `CrossEntropyLoss` with weights and
  /// label smoothing.
  func shares(of numbers: [Int], classes: Int) -> (shares: [Float], masses: [Double]) {
    shares(of: numbers.map { ClassTarget([$0]) }, classes: classes)
  }

  /// The same of samples that may be mixed of two: each class counts by its share.
  package func shares(of targets: [ClassTarget], classes: Int) -> (shares: [Float], masses: [Double]) {
    let weights = classWeights
    var shares = [Float](repeating: Float(smoothing) / Float(classes), count: targets.count * classes)
    var masses = [Double](repeating: 0, count: targets.count)
    for (row, target) in targets.enumerated() {
      for part in target.parts {
        shares[row * classes + part.numbers[0]] += (1 - Float(smoothing)) * part.share
        masses[row] += Double(part.share) * (weights.map { Double($0[part.numbers[0]]) } ?? 1)
      }
    }
    if let weights { for place in shares.indices { shares[place] *= weights[place % classes] } }
    return (shares, masses)
  }

  /// 1 for each class that is there, of samples that may have several.
  static func isTrue(_ targets: [[Int]], classes: Int) -> [Float] {
    var isTrue = [Float](repeating: 0, count: targets.count * classes)
    for (row, numbers) in targets.enumerated() { for number in numbers { isTrue[row * classes + number] = 1 } }
    return isTrue
  }

  /// The same of samples that may be mixed of two: the share of those that have the class.
  package static func isTrue(_ targets: [ClassTarget], classes: Int) -> [Float] {
    var isTrue = [Float](repeating: 0, count: targets.count * classes)
    for (row, target) in targets.enumerated() {
      for part in target.parts { for number in Set(part.numbers) { isTrue[row * classes + number] += part.share } }
    }
    return isTrue
  }

  /// By what a class that is there is multiplied where several may be: as many times as it is not there for once that it is.
  var positiveWeights: [Float]? {
    weights == .balanced ? counts.map { Float(samples - $0) / Float($0) } : nil
  }
}
