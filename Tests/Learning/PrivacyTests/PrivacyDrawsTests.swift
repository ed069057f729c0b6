import CKernels
import Files
import Foundation
import Privacy
import Testing

/// Draws and noise: what they are by law, and that they follow from the secret alone.
@Suite struct PrivacyDrawsTests {
  private let secret: PrivacySecret

  init() throws { secret = PrivacySecret(try #require(SecretKey(bytes: (0..<32).map { UInt8($0 * 7) }))) }

  /// Each unit by itself with the same probability: the counts of units over steps, and of steps over units, are those of a binomial law
  /// within five deviations.
  @Test(arguments: [0.02, 0.5]) func everyUnitIsDrawnAsOftenAsAnother(rate: Double) {
    let (count, steps) = (400, 500)
    let draws = PoissonDraws(secret, .ofOneSample(count), rate: rate)
    var ofUnits = [Int](repeating: 0, count: count)
    var sizes: [Int] = []
    for step in 0..<steps {
      let drawn = draws.samples(step: step)
      #expect(drawn == drawn.sorted() && Set(drawn).count == drawn.count)
      for unit in drawn { ofUnits[unit] += 1 }
      sizes.append(drawn.count)
    }
    func bound(_ n: Int) -> Double { 5 * (Double(n) * rate * (1 - rate)).squareRoot() }
    #expect(ofUnits.allSatisfy { abs(Double($0) - Double(steps) * rate) < bound(steps) })
    #expect(sizes.allSatisfy { abs(Double($0) - Double(count) * rate) < bound(count) })
    // Sizes vary as those of independent draws do, and no batch is filled up.
    let mean = Double(sizes.reduce(0, +)) / Double(steps)
    let variance = sizes.reduce(0.0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / Double(steps - 1)
    #expect(abs(variance / (Double(count) * rate * (1 - rate)) - 1) < 0.35, "\(variance)")
  }

  @Test func theyFollowFromTheSecret() {
    let units = PrivateUnits.ofOneSample(1000)
    let draws = PoissonDraws(secret, units, rate: 0.1)
    #expect(draws.samples(step: 3) == PoissonDraws(secret, units, rate: 0.1).samples(step: 3))
    #expect(draws.samples(step: 3) != draws.samples(step: 4))
    #expect(draws.samples(step: 3) != PoissonDraws(PrivacySecret(), units, rate: 0.1).samples(step: 3))
    // What is drawn at a lower rate is drawn at a higher one, too.
    #expect(Set(draws.samples(step: 3)).isSubset(of: PoissonDraws(secret, units, rate: 0.3).samples(step: 3)))
    #expect(PoissonDraws(secret, units, rate: 1).samples(step: 9) == Array(0..<1000))
    #expect(PoissonDraws(secret, units, rate: 0).samples(step: 9).isEmpty)
  }

  /// Of a unit with several samples a step takes one, each as often as another.
  @Test func oneSampleOfAUnit() {
    let units = PrivateUnits(members: [[0, 2, 4], [1], [3, 5]])
    let draws = PoissonDraws(secret, units, rate: 1)
    var counts = [Int](repeating: 0, count: 6)
    for step in 0..<600 {
      let taken = draws.samples(step: step)
      #expect(taken.count == 3 && [0, 2, 4].contains(taken[0]) && taken[1] == 1 && [3, 5].contains(taken[2]))
      for sample in taken { counts[sample] += 1 }
    }
    #expect([0, 2, 4].allSatisfy { abs(counts[$0] - 200) < 60 } && [3, 5].allSatisfy { abs(counts[$0] - 300) < 65 })
  }

  /// Mean, variance and distance from the normal law (Kolmogorov and Smirnov, at 10⁻⁶), of 20,000 numbers.
  @Test func theNoiseIsNormal() {
    let noise = noise(20_000, deviation: 3).map { $0 / 3 }.sorted()
    let count = Double(noise.count)
    let mean = noise.reduce(0, +) / count
    #expect(abs(mean) < 5 / count.squareRoot())
    #expect(abs(noise.reduce(0) { $0 + $1 * $1 } / count - 1) < 5 * (2 / count).squareRoot())
    let distances = noise.enumerated().map { (place: Int, value: Double) -> Double in
      let law: Double = erfc(-value / 2.squareRoot()) / 2
      return abs(law - (Double(place) + 0.5) / count)
    }
    let distance = distances.max() ?? 1
    #expect(distance * count.squareRoot() < 2.7, "\(distance)")
  }

  /// However the places are divided, and beside what is there.
  @Test func theNoiseIsOfThePlace() {
    let whole = noise(10_000, deviation: 0.5)
    #expect(noise(3000, deviation: 0.5, first: 7000) == Array(whole[7000...]))
    #expect(noise(1, deviation: 0.5, first: 4096) == [whole[4096]])
    #expect(noise(10, deviation: 0.5, step: 2) != Array(whole[..<10]))
    #expect(noise(3, deviation: 0.5, base: 1) == whole[..<3].map { 1 + $0 })
    #expect(noise(5, deviation: 0).allSatisfy { $0 == 0 } && noise(0, deviation: 1).isEmpty)
  }

  /// What lies on a grid stays there, and moves by the noise, rounded.
  @Test func theNoiseKeepsTheGrid() {
    let grid = 0x1p-20
    let plain = noise(5000, deviation: 2)
    for base in [0, 3 * grid, -1000.0] {
      let moved = noise(5000, deviation: 2, base: base, grid: grid)
      #expect(moved.allSatisfy { ($0 / grid).rounded() == $0 / grid })
      #expect(zip(moved, plain).allSatisfy { abs($0 - base - $1) <= grid / 2 })
      // The same noise, whatever it is added to.
      #expect(zip(moved, noise(5000, deviation: 2, grid: grid)).allSatisfy { $0 - base == $1 })
    }
  }

  /// A block of eight, by the library's logarithm, sine and cosine.
  @Test func eightOfABlock() throws {
    let bits: [UInt64] = [
      0, .max, 0x0123_4567_89AB_CDEF, 1 << 63, 0x3FFF_FFFF_FFFF_FFFF, 0xC000_0000_0000_1000, 0x8000_0000_0000_0000,
      0x5555_5555_5555_5555,
    ]
    for shift in 0..<8 {
      let turned = (0..<8).map { bits[($0 + shift) % 8] }
      var made = [Double](repeating: 0, count: 8)
      mmk_add_normals(&made, 8, turned, 0, 1, 0)
      for pair in 0..<4 {
        let unit = { (bits: UInt64) in Double(bits >> 12) * 0x1p-52 }
        let radius = (-2 * log(1 - unit(turned[pair]))).squareRoot()
        let angle = Double.pi / 2 * (unit(turned[pair + 4] << 2) - 0.5)
        let quarter = turned[pair + 4] >> 62
        let (x, y) = quarter & 1 == 0 ? (cos(angle), sin(angle)) : (sin(angle), -cos(angle))
        let sign: Double = quarter & 2 == 0 ? 1 : -1
        #expect(abs(made[pair] - sign * radius * x) < 1e-14 && abs(made[pair + 4] - sign * radius * y) < 1e-14)
      }
    }
  }

  private func noise(
    _ count: Int, deviation: Double, first: Int = 0, step: Int = 1, base: Double = 0,
    grid: Double = 0
  ) -> [Double] {
    var numbers = [Double](repeating: base, count: count)
    numbers.withUnsafeMutableBufferPointer {
      PrivacyNoise(secret, step: step).add(to: $0, deviation: deviation, first: first, grid: grid)
    }
    return numbers
  }
}

extension PrivateUnits {
  fileprivate static func ofOneSample(_ count: Int) -> PrivateUnits { PrivateUnits(members: (0..<count).map { [$0] }) }
}
