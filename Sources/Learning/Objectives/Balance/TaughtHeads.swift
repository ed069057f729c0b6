public import Models

/// Each modality's own head teaches its tower beside the one of all together: L + w Σ_m L_m (as in Wang et al., "What Makes Training
/// Multi-Modal Classification Networks Hard?", 2020, with equal weights).
public struct TaughtHeads: BalanceMethod {
  public static let method = BalanceSettings.Method.heads
  public static let summary = "A head a modality is learnt through its tower, beside the one of all together."
  public static let keys = ["balance.head_weight"]

  private let weight: Double

  public init(_ settings: BalanceSettings) { weight = settings.headWeight }

  public var teachesTowers: Bool { true }
  public func lossWeight(of modality: Modality) -> Double { weight }
}
