internal import Foundation

/// What was told of the hidden regions of a photo.
public struct MaskedRegionSums: BitwiseCopyable, Equatable, Sendable {
  /// Regions that were asked for.
  public var regions: Int
  /// Of features and of pixels: how many numbers were told, and their squared errors.
  private var featureNumbers = 0
  private var featureErrors = 0.0
  private var pixelNumbers = 0
  private var pixelErrors = 0.0
  /// Regions whose class was told, those of which it was the likeliest, and their divergences.
  private var classified = 0
  private var right = 0
  private var divergences = 0.0

  public init(regions: Int = 0) { self.regions = regions }

  public typealias Numbers = UnsafeBufferPointer<Float>

  /// Adds a region's features, as they were told and as they are.
  public mutating func add(features told: Numbers, _ targets: Numbers) {
    featureNumbers += told.count
    featureErrors += squaredError(told, targets)
  }

  public mutating func add(pixels told: Numbers, _ targets: Numbers) {
    pixelNumbers += told.count
    pixelErrors += squaredError(told, targets)
  }

  /// Adds a region's class: its logits, and the probabilities of which they tell. The first class is the background, which no region
  /// is of.
  public mutating func add(logits: Numbers, _ probabilities: Numbers) {
    classified += 1
    right += likeliest(logits) == likeliest(probabilities) ? 1 : 0
    let largest = Double(logits.max() ?? 0)
    let normalizer = largest + log(logits.reduce(0.0) { $0 + exp(Double($1) - largest) })
    divergences += zip(logits, probabilities).reduce(0.0) { sum, pair in
      let p = Double(pair.1)
      return p > 0 ? sum + p * (log(p) - (Double(pair.0) - normalizer)) : sum
    }
  }

  mutating func add(_ other: MaskedRegionSums, times: Int) {
    regions += times * other.regions
    featureNumbers += times * other.featureNumbers
    featureErrors += Double(times) * other.featureErrors
    pixelNumbers += times * other.pixelNumbers
    pixelErrors += Double(times) * other.pixelErrors
    classified += times * other.classified
    right += times * other.right
    divergences += Double(times) * other.divergences
  }

  // MARK: Figures, NaN where nothing of the kind was told

  var featureError: Double { featureErrors / Double(featureNumbers) }
  var pixelError: Double { pixelErrors / Double(pixelNumbers) }
  var accuracy: Double { 100 * Double(right) / Double(classified) }
  var divergence: Double { divergences / Double(classified) }
}

private func squaredError(_ told: MaskedRegionSums.Numbers, _ targets: MaskedRegionSums.Numbers) -> Double {
  zip(told, targets).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
}

private func likeliest(_ values: MaskedRegionSums.Numbers) -> Int {
  values.indices.dropFirst().reduce(1) { values[$1] > values[$0] ? $1 : $0 }
}
