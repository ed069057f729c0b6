internal import Glibc
internal import Randomness

/// The random changes of a training clip, in the order in which they are made: cut, gain, shift, noise; then, on its rows, bands
/// and frames that are hidden (SpecAugment, Park et al. 2019).
public struct AudioAugmentation: Codable, Equatable, Sendable {
  /// Whether of a clip that is too long any part is taken, in place of its beginning.
  public var cutsAnywhere: Bool
  /// Louder or softer by at most so many decibels.
  public var gain: Float
  /// The clip is turned round by at most this part of its length, its end coming before its beginning.
  public var shift: Float
  /// Probability of noise, and how many decibels it may be softer than the clip.
  public var noise: Float
  public var noiseLevel: ClosedRange<Float>
  /// The most bands, and the most frames, that are hidden together. At least half of a clip's frames stay.
  public var bandMask: Int
  public var frameMask: Int

  public init(
    cutsAnywhere: Bool = false, gain: Float = 0, shift: Float = 0, noise: Float = 0,
    noiseLevel: ClosedRange<Float> = 20...40, bandMask: Int = 0, frameMask: Int = 0
  ) {
    (self.cutsAnywhere, self.gain, self.shift, self.noise) = (cutsAnywhere, gain, shift, noise)
    (self.noiseLevel, self.bandMask, self.frameMask) = (noiseLevel, bandMask, frameMask)
    if let flaw { preconditionFailure(flaw) }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    cutsAnywhere = try values.decode(Bool.self, forKey: .cutsAnywhere)
    gain = try values.decode(Float.self, forKey: .gain)
    shift = try values.decode(Float.self, forKey: .shift)
    noise = try values.decode(Float.self, forKey: .noise)
    noiseLevel = try values.decode(ClosedRange<Float>.self, forKey: .noiseLevel)
    bandMask = try values.decode(Int.self, forKey: .bandMask)
    frameMask = try values.decode(Int.self, forKey: .frameMask)
    if let flaw { throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: flaw)) }
  }

  /// What makes these values unusable.
  private var flaw: String? {
    if !(0...60).contains(gain) { return "a gain of \(gain) decibels, not in 0 … 60" }
    if !(0...1).contains(shift) { return "a shift outside 0 … 1" }
    if !(0...1).contains(noise) { return "a probability of noise outside 0 … 1" }
    if !(noiseLevel.lowerBound >= -60 && noiseLevel.upperBound <= 120) { return "a level of noise outside −60 … 120" }
    return bandMask >= 0 && frameMask >= 0 ? nil : "a mask of fewer than no bands or frames"
  }

  /// For small sets of clips: the masks that AST's authors use on ESC-50, faint changes of level and noise.
  public static let standard = AudioAugmentation(
    cutsAnywhere: true, gain: 6, shift: 0.1, noise: 0.5, noiseLevel: 20...40, bandMask: 24, frameMask: 96)

  /// No change: training hears what evaluation hears.
  public static let none = AudioAugmentation()
}

extension AudioAugmentation {
  /// Gain, shift and noise.
  func change(_ samples: inout [Float], rate: Int, random: inout RandomStream) {
    guard !samples.isEmpty else { return }
    if gain > 0 {
      let factor = amplitude(random.uniform(in: -gain...gain))
      for place in samples.indices { samples[place] *= factor }
    }
    if shift > 0 {
      let most = Int(Float(samples.count) * shift)
      let first = random.integer(below: 2 * most + 1) - most
      let split = (first % samples.count + samples.count) % samples.count
      samples = Array(samples[split...] + samples[..<split])
    }
    if noise > 0, random.uniform() < noise { addNoise(to: &samples, random: &random) }
  }

  private func addNoise(to samples: inout [Float], random: inout RandomStream) {
    let power = samples.reduce(into: 0.0) { $0 += Double($1) * Double($1) } / Double(samples.count)
    let level = Float(power.squareRoot()) * amplitude(-random.uniform(in: noiseLevel))
    for place in samples.indices { samples[place] += level * random.normal() }
  }

  /// Hides some bands of all frames, and some frames in a row: they become 0, which is the mean of rows that are normalised.
  func mask(_ rows: inout BandRows, random: inout RandomStream) {
    let (bands, frames) = (rows.bands, rows.frames)
    if let hidden = Self.drawn(most: bandMask, of: bands, random: &random) {
      for frame in 0..<frames { for band in hidden { rows.values[frame * bands + band] = 0 } }
    }
    if let hidden = Self.drawn(most: frameMask, of: frames, random: &random) {
      for place in (hidden.lowerBound * bands)..<(hidden.upperBound * bands) { rows.values[place] = 0 }
    }
  }

  /// Some in a row, each number up to `most` or half of them as likely as any other, at any place.
  private static func drawn(most: Int, of count: Int, random: inout RandomStream) -> Range<Int>? {
    guard most > 0, count > 1 else { return nil }
    let length = random.integer(below: min(most, count / 2) + 1)
    let first = random.integer(below: count - length + 1)
    return first..<(first + length)
  }
}

/// What samples are multiplied with to be louder by so many decibels.
private func amplitude(_ decibels: Float) -> Float { Float(pow(10, Double(decibels) / 20)) }
