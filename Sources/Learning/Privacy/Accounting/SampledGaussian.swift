/// So many steps, in each of which every unit is drawn with the same probability and the sum of what the drawn ones say gets Gaussian
/// noise. A run is a list of them.
public struct SampledGaussian: Codable, Equatable, Sendable {
  /// q, from 0 to 1.
  public var rate: Double
  /// σ, in multiples of the most that a unit can move the sum by; 0 for none.
  public var noise: Double
  public var steps: Int

  public init(rate: Double, noise: Double, steps: Int) {
    precondition((0...1).contains(rate) && noise >= 0 && steps >= 0, "\(steps) steps at rate \(rate), noise \(noise)")
    (self.rate, self.noise, self.steps) = (rate, noise, steps)
  }

  /// Whether nothing is given away: nothing is drawn.
  var isSilent: Bool { rate == 0 || steps == 0 }
}
