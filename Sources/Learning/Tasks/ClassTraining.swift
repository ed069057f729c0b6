internal import Batching

/// How classes are learnt.
struct ClassTraining: Equatable, Sendable {
  var smoothing = 0.0
  var weights = TaskSettings.ClassWeights.none
  var sampling = TaskSettings.Sampling.uniform
  /// Samples of each class, and of the whole split that is trained on.
  var counts: [Int] = []
  var samples = 0

  init() {}

  init(_ settings: TaskSettings) {
    (smoothing, weights, sampling) = (settings.smoothing, settings.weights, settings.sampling)
  }

  /// By what the loss of a sample of each class is multiplied: N / (C n), so that all classes count the same and the mean over the split
  /// is 1. Nil where it is 1 for all.
  var classWeights: [Float]? {
    guard weights == .balanced else { return nil }
    let total = counts.reduce(0, +)
    return counts.map { Float(total) / Float(counts.count * $0) }
  }

  /// By what a class that is there is multiplied where several may be: as many times as it is not there for once that it is.
  var positiveWeights: [Float]? {
    weights == .balanced ? counts.map { Float(samples - $0) / Float($0) } : nil
  }
}
