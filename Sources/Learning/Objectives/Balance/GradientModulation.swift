internal import Glibc

/// Holds back the tower of what is ahead: with ρ the score of a modality over the mean of the others' its gradient is multiplied by
/// k = 1 − tanh(α ρ) where ρ > 1, by 1 else (Peng et al., "Balanced Multimodal Learning via On-the-fly Gradient Modulation", 2022, equations
/// 8 to 10). As there, k falls from 1 to 1 − tanh α at ρ = 1 at once. A score is the mean probability that a modality's share of the sum gives what is true.
public struct GradientModulation: BalanceMethod {
  public static let method = BalanceSettings.Method.modulation
  public static let summary = "The gradient of the tower that is ahead is made smaller (OGM-GE)."
  public static let keys = ["balance.alpha", "balance.noise"]
  /// α of the authors on CREMA-D.
  public static let usualAlpha = 0.8

  private let alpha: Double

  public init(_ settings: BalanceSettings) { alpha = settings.alpha ?? Self.usualAlpha }

  public static func obstacle(to join: ModalityJoin) -> String? {
    join.isAdditive
      ? nil
      : "modulation needs to know what each modality adds, and in \(join.model) as it is set they meet before the head; set balance.method "
        + "to heads or dropout, or take a model in which they are added up or stand side by side (clip, dual-encoder, "
        + "model.fusion.kind: late with model.fusion.late: sum or concatenation)"
  }

  public static let warning: String? =
    "balance.method: modulation makes gradients smaller, and AdamW divides each by its own size, so that a factor that stays has next to no "
    + "effect: heads, dropout or pareto change where a tower goes, and balance.rate_weights (balance.method: weights) how fast"

  public var looksAtShares: Bool { true }

  public func factors(_ scores: [Double]) -> [Double]? {
    leads(scores).map { $0 > 1 ? 1 - tanh(alpha * $0) : 1 }
  }
}
