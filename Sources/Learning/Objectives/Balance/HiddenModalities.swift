internal import Glibc
internal import Randomness

/// Hides what is ahead, the oftener the further it is: with ρ its score over the mean of the others' a share
/// q = q₀ (1 + α tanh(ρ − 1)) of the samples where ρ > 1, none else, and in a part of the steps alone (Wei et al., "On-the-fly
/// Modulation for Balanced Multimodal Learning", 2024, OPM). What is hidden is replaced by what is learnt for its absence, in the place of zeros that are
/// scaled up, so that a model can be asked without the modality afterwards.
public struct HiddenModalities: BalanceMethod {
  public static let method = BalanceSettings.Method.dropout
  public static let summary =
    "The modality that is ahead is hidden from some samples, the oftener the further it is (OPM)."
  public static let keys = ["balance.alpha", "balance.rate", "balance.share"]
  /// α of the authors.
  public static let usualAlpha = 0.5

  private let alpha: Double
  private let rate: Double
  private let share: Double

  public init(_ settings: BalanceSettings) {
    alpha = settings.alpha ?? Self.usualAlpha
    (rate, share) = (settings.rate, settings.share)
  }

  public var hides: Bool { true }

  public func hiding(_ scores: [Double]) -> [Double]? {
    leads(scores).map { $0 > 1 ? min(1, rate * (1 + alpha * tanh($0 - 1))) : 0 }
  }

  /// Whether anything is hidden in a step.
  func isHiding(step: Int, seed: UInt64) -> Bool {
    var random = RandomStream(seed: seed, .hiddenModalities, UInt64(step))
    return Double(random.uniform()) < share
  }

  /// Which of the modalities that a sample has are hidden from it: never all, and those first that are ahead most.
  /// - Parameters:
  ///   - rates: of each modality.
  ///   - present: whether the sample has each.
  ///   - sample: its name, whatever rank it is on.
  static func drawn(
    _ rates: [Double], present: [Bool], sample: UInt64, epoch: Int, seed: UInt64
  ) -> [Bool] {
    var hidden = [Bool](repeating: false, count: rates.count)
    let order = rates.indices.sorted { (rates[$1], $0) < (rates[$0], $1) }
    for place in order where present[place] && rates[place] > 0 {
      let rest = present.indices.count { $0 != place && present[$0] && !hidden[$0] }
      var random = RandomStream(seed: seed, .hiddenModalities, UInt64(epoch), sample, UInt64(place))
      hidden[place] = rest > 0 && Double(random.uniform()) < rates[place]
    }
    return hidden
  }
}
