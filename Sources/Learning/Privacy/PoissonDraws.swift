internal import Files

/// Which units the steps of a private run draw: each unit by itself, with the same probability in every step (Poisson sampling). That is what
/// the accountants count with; batches of a shuffled epoch give more away.
///
/// A function of secret, step and unit alone: all ranks draw the same, without a word.
public struct PoissonDraws: Sendable {
  private let secret: PrivacySecret
  private let units: PrivateUnits
  private let rate: Double

  public init(_ secret: PrivacySecret, _ units: PrivateUnits, rate: Double) {
    precondition((0...1).contains(rate), "units are drawn with a probability of \(rate)")
    (self.secret, self.units, self.rate) = (secret, units, rate)
  }

  /// The samples of a step, one of each unit that is drawn, in the order of the units; there may be none.
  public func samples(step: Int) -> [Int] {
    let drawn = numbers(of: .draws, step: step).enumerated().filter { Double($1 >> 11) * 0x1p-53 < rate }.map(\.offset)
    let lots = numbers(of: .members, step: step)
    return drawn.map { unit in
      let members = units.members[unit]
      return members[Int(lots[unit].multipliedFullWidth(by: UInt64(members.count)).high)]
    }
  }

  /// 64 random bits for each unit.
  private func numbers(of purpose: PrivacySecret.Purpose, step: Int) -> [UInt64] {
    [UInt64](unsafeUninitializedCapacity: units.count) { buffer, filled in
      secret.key(purpose, step: step).fill(UnsafeMutableRawBufferPointer(buffer))
      filled = units.count
    }
  }
}
