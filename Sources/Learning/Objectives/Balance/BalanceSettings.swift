/// How the modalities of a task are kept in balance, as a configuration says it: one property for each key below `balance`.
public struct BalanceSettings: Sendable, Equatable {
  public var method = Method.none
  /// Whether each modality is measured by a head of its own where no method asks for it.
  public var measures = false
  /// What the loss of each modality's own head counts beside that of all together, where it teaches the towers.
  public var headWeight = 1.0
  /// What that is multiplied by for single modalities, as `image=1`; 1 for others.
  public var lossWeights: [String] = []
  /// What the learning rate of their towers is multiplied by, likewise.
  public var rateWeights: [String] = []
  /// How strongly a modality that is ahead is held back; nil takes what the method's authors do.
  public var alpha: Double?
  /// How often a modality is hidden that is as far as the others.
  public var rate = 0.4
  /// The share of steps in which anything is hidden.
  public var share = 0.7
  /// Whether noise of the gradient's own deviation is added where gradients are held back.
  public var noise = false

  public enum Method: String, CaseIterable, Sendable {
    case none, weights, heads, dropout, modulation, pareto
  }

  public init() {}

  /// Whether each modality has a head of its own.
  public var hasHeads: Bool { method != .none || measures }

  /// Reads `image=0.5`.
  /// - Returns: nil for what is none.
  public static func weight(_ text: String) -> (modality: String, value: Double)? {
    let parts = text.split(separator: "=", omittingEmptySubsequences: false)
    guard parts.count == 2, let value = Double(parts[1]), value.isFinite, value >= 0 else { return nil }
    return (String(parts[0]), value)
  }
}
