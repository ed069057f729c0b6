/// How sound becomes a spectrogram in bands.
public struct SpectrogramSettings: Codable, Equatable, Sendable {
  /// Samples a second that the sound has, or is resampled to.
  public var rate: Int
  /// Samples of a frame, and from the beginning of one to that of the next.
  public var window: Int
  public var hop: Int
  /// Samples of the transform, a power of two: frames are followed by zeros.
  public var transform: Int
  public var shape: Shape
  /// Whether frames lie around their places, the sound being mirrored at its ends; otherwise they lie wholly within it.
  public var isCentred: Bool
  /// Whether each frame's mean is taken off.
  public var removesMean: Bool
  /// How much of the sample before is taken off each.
  public var emphasis: Double
  /// Bands: M.
  public var bands: Int
  public var scale: MelScale
  /// Where the bands begin and end, in hertz.
  public var lowest: Double
  public var highest: Double
  /// Whether the triangles have straight sides on the mel scale; otherwise they have on that of frequencies.
  public var hasMelTriangles: Bool
  /// Whether the triangles have areas of one in place of heights of one.
  public var hasEqualAreas: Bool
  public var level: Level
  /// Powers below it count as it.
  public var floor: Double

  /// The window that a frame is multiplied with.
  public enum Shape: String, Codable, CaseIterable, Sendable {
    /// Hann's, whose last sample is its first.
    case hann
    /// Hann's, whose last sample is followed by its first.
    case periodicHann = "periodic_hann"
    /// Kaldi's: Hann's to the power of 0.85.
    case povey
  }

  /// What is told of a power.
  public enum Level: String, Codable, CaseIterable, Sendable {
    case naturalLogarithm = "natural_logarithm"
    case decibels
  }

  /// The audio spectrogram transformer's (Gong et al., AST, 2021), which are Kaldi's with Hann's window: 25 ms every 10.
  public static let ast = SpectrogramSettings(
    rate: 16_000, window: 400, hop: 160, transform: 512, shape: .hann, isCentred: false, removesMean: true,
    emphasis: 0.97,
    bands: 128, scale: .kaldi, lowest: 20, highest: 8_000, hasMelTriangles: true, hasEqualAreas: false,
    level: .naturalLogarithm, floor: 1.192092955078125e-07)

  /// CLAP's for clips that are cut at random ("rand_trunc"): librosa's bands.
  public static let clap = SpectrogramSettings(
    rate: 48_000, window: 1024, hop: 480, transform: 1024, shape: .periodicHann, isCentred: true, removesMean: false,
    emphasis: 0, bands: 64, scale: .slaney, lowest: 50, highest: 14_000, hasMelTriangles: false, hasEqualAreas: true,
    level: .decibels, floor: 1e-10)

  /// What makes these values unusable, in words.
  public var flaw: String? {
    if !SoundLimits.rates.contains(rate) { return "a rate of \(rate), not in 1000 … 384000" }
    if !(16...65_536).contains(transform) || transform & (transform - 1) != 0 {
      return "a transform of \(transform) samples, which is no power of two in 16 … 65536"
    }
    if !(2...transform).contains(window) { return "frames of \(window) samples, not in 2 … \(transform)" }
    if !(1...1_000_000).contains(hop) { return "frames every \(hop) samples, not in 1 … 1000000" }
    if !(1...4096).contains(bands) { return "\(bands) bands, not in 1 … 4096" }
    if !(lowest >= 0 && lowest < highest && highest <= Double(rate) / 2) {
      return "bands from \(lowest) to \(highest) hertz, not within 0 … \(rate / 2)"
    }
    if !(0...1).contains(emphasis) { return "an emphasis of \(emphasis), not in 0 … 1" }
    return floor > 0 && Float(floor) > 0 && Float(floor).isFinite ? nil : "a floor of \(floor), which is not above 0"
  }

  /// Frames of a clip: N. One that is shorter than a frame is followed by silence, so that it has one.
  public func frames(of samples: Int) -> Int {
    guard samples > 0 else { return 0 }
    let length = isCentred ? samples + transform / 2 * 2 : max(samples, window)
    return 1 + max(0, length - (isCentred ? max(window, transform) : window)) / hop
  }
}
