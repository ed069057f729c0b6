public import Models
public import TensorEngine

/// What a model is to say of regions that are hidden from it.
public enum MaskedRegionTarget: String, CaseIterable, Sendable {
  /// Their features (MRFR).
  case features
  /// Their likeliest class (MRC).
  case classes
  /// The probabilities of their classes (MRC-KL).
  case distribution
  /// The normalised pixels of the patches that they are.
  case pixels
}

extension MaskedRegionTarget {
  /// What the model says of the regions with these joint states, as many numbers a region as the target has; nil where it has no
  /// head for it.
  public func told(by model: any MaskedRegionModel, _ states: Tensor, _ tape: Tape) -> Tensor? {
    let told =
      switch self {
      case .features: model.features(ofRegions: states, tape)
      case .classes, .distribution: model.classes(ofRegions: states, tape)
      case .pixels: model.pixels(ofRegions: states, tape)
      }
    return told.map { tape.float32($0) }
  }

  /// What the loss is the mean over where nobody says otherwise: errors of numbers over all of them, and a divergence as the model's
  /// authors have it.
  public func usualScale(_ model: any MaskedRegionModel) -> RegionLossScale {
    self == .distribution ? model.publishedDivergence : .element
  }

  /// The loss of what was told, summed over regions and divided by their number; by `element` also by the numbers of each.
  /// - Parameters:
  ///   - targets: features [K, F], pixels [K, 3PP], or the classes' probabilities [K, C], the background first.
  ///   - regions: of the global batch.
  ///   - scale: means nothing for `classes`.
  public func loss(
    _ told: Tensor, targets: Tensor, regions: Int, per scale: RegionLossScale, _ tape: Tape
  ) -> Tensor {
    let numbers = scale == .element ? regions * told.columns : regions
    return switch self {
    case .features, .pixels: tape.squaredError(told, targets: targets, count: numbers)
    case .classes: tape.crossEntropy(told, targets: likeliestClasses(targets), count: regions)
    case .distribution: tape.divergence(told, targets: targets, count: numbers)
    }
  }
}

/// Of each row the class with the largest probability; the background is no class of a region.
public func likeliestClasses(_ probabilities: Tensor) -> [Int32] {
  let columns = probabilities.columns
  return probabilities.withValues { values in
    (0..<probabilities.rows).map { row in
      let own = row * columns
      return Int32((1..<columns).reduce(1) { values[own + $1] > values[own + $0] ? $1 : $0 })
    }
  }
}
