public import Models

/// Brings together, tower by tower, the gradient of the loss of all modalities and that of the modality's own head (Wei and Hu, "MMPareto", 2024): where
/// they agree, cos ≥ 0, their sum; where they do not, the shortest vector between the two, which goes against neither. Either is given the length of the plain
/// sum, times 1.5.
public struct ParetoGradients: BalanceMethod {
  public static let method = BalanceSettings.Method.pareto
  public static let summary =
    "Each tower goes where neither the joint loss nor its own head's is made worse (MMPareto)."
  public static let keys = ["balance.head_weight"]
  /// γ of the authors.
  static let gain = 1.5

  private let weight: Double

  public init(_ settings: BalanceSettings) { weight = settings.headWeight }

  public var teachesTowers: Bool { true }
  public var comparesGradients: Bool { true }
  public func lossWeight(of modality: Modality) -> Double { weight }

  /// By what the two gradients of a tower are multiplied before they are added.
  /// - Parameters:
  ///   - joint: ‖g‖² of the loss of all.
  ///   - own: ‖h‖² of the modality's own.
  ///   - product: g·h
  package static func weights(joint: Double, own: Double, product: Double) -> (joint: Double, own: Double) {
    let plain = max(0, joint + own + 2 * product)
    guard product < 0 else { return (gain, gain) }
    // The point of the line from h to g that is nearest to 0: a g + (1 − a) h.
    let distance = joint + own - 2 * product
    let a = distance > 0 ? min(1, max(0, (own - product) / distance)) : 0.5
    let squared = max(0, a * a * joint + (1 - a) * (1 - a) * own + 2 * a * (1 - a) * product)
    guard squared > 0 else { return (0, 0) }
    let scale = gain * (plain / squared).squareRoot()
    return (a * scale, (1 - a) * scale)
  }
}
