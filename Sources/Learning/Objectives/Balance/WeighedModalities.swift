public import Models

/// Each modality's own head teaches its tower, and what it counts, and how fast the tower learns, is stated for each modality.
public struct WeighedModalities: BalanceMethod {
  public static let method = BalanceSettings.Method.weights
  public static let summary =
    "Stated weights of each modality: of its own head's loss, and of its tower's learning rate."
  public static let keys = ["balance.head_weight", "balance.loss_weights", "balance.rate_weights"]

  private let headWeight: Double
  private let losses: [String: Double]
  private let rates: [String: Double]

  public init(_ settings: BalanceSettings) {
    let read = { (texts: [String]) in
      Dictionary(texts.compactMap(BalanceSettings.weight).map { ($0.modality, $0.value) }) { first, _ in first }
    }
    headWeight = settings.headWeight
    (losses, rates) = (read(settings.lossWeights), read(settings.rateWeights))
  }

  public var teachesTowers: Bool { true }
  public func lossWeight(of modality: Modality) -> Double { headWeight * (losses[modality.rawValue] ?? 1) }
  public func rateWeight(of modality: Modality) -> Double { rates[modality.rawValue] ?? 1 }
}
