internal import Foundation

/// The learning rate over the steps of a run: linear warm-up, then constant or half a cosine down to zero
/// (Loshchilov & Hutter, "SGDR", 2017, eq. 5).
public struct Schedule: Sendable, Equatable {
  public enum Decay: String, Codable, Sendable, CaseIterable {
    case cosine, constant
  }

  public var peak: Float
  public var warmupSteps: Int
  public var totalSteps: Int
  public var decay: Decay

  public init(peak: Float, warmupSteps: Int, totalSteps: Int, decay: Decay) {
    (self.peak, self.warmupSteps, self.totalSteps, self.decay) = (peak, warmupSteps, totalSteps, decay)
  }

  /// The rate of step `step`, counted from 0. Warm-up takes step 0 to peak / warmupSteps, as open_clip does.
  public func learningRate(at step: Int) -> Float {
    if step < warmupSteps { return peak * Float(step + 1) / Float(warmupSteps) }
    guard decay == .cosine, totalSteps > warmupSteps else { return peak }
    let progress = Double(min(step, totalSteps) - warmupSteps) / Double(totalSteps - warmupSteps)
    return Float(Double(peak) * 0.5 * (1 + cos(.pi * progress)))
  }
}
