/// How a clip becomes the numbers that an audio tower reads: rows [N, M] of what each band holds in each frame, normalised.
///
/// Rows are those of the clip and no others: a clip that is shorter than `maximumFrames` has fewer, and nothing is appended.
/// (Zeros that are appended before normalising, as transformers does, come out as loud sound.)
public struct AudioPreprocessing: Codable, Equatable, Sendable {
  public var spectrogram: SpectrogramSettings
  /// The most rows of a clip; what comes after them is cut off.
  public var maximumFrames: Int
  /// Taken off what the spectrogram tells.
  public var mean: Double
  /// What the rest is divided by: twice the standard deviation, as AST has it.
  public var deviation: Double

  public init(spectrogram: SpectrogramSettings, maximumFrames: Int, mean: Double, deviation: Double) {
    (self.spectrogram, self.maximumFrames, self.mean, self.deviation) = (spectrogram, maximumFrames, mean, deviation)
    if let flaw { preconditionFailure(flaw) }
  }

  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    spectrogram = try values.decode(SpectrogramSettings.self, forKey: .spectrogram)
    maximumFrames = try values.decode(Int.self, forKey: .maximumFrames)
    mean = try values.decode(Double.self, forKey: .mean)
    deviation = try values.decode(Double.self, forKey: .deviation)
    if let flaw { throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: flaw)) }
  }

  /// What makes these values unusable.
  var flaw: String? {
    if let flaw = spectrogram.flaw { return flaw }
    if !Self.frameLimits.contains(maximumFrames) { return "\(maximumFrames) frames, not in 1 … 100000" }
    return Float(mean).isFinite && Float(deviation) > 0 && Float(deviation).isFinite
      ? nil : "a mean of \(mean) with a deviation of \(deviation)"
  }

  static let frameLimits = 1...100_000

  /// AST's, with the statistics of AudioSet: 10 s of 128 bands.
  public static let ast = AudioPreprocessing(
    spectrogram: .ast, maximumFrames: 1024, mean: -4.2677393, deviation: 2 * 4.5689974)

  /// ImageBind's: AST's bands of two seconds.
  public static let imageBind = AudioPreprocessing(
    spectrogram: .ast, maximumFrames: 204, mean: -4.268, deviation: 9.138)

  /// CLAP's for clips that are cut at random: ten seconds of 64 bands in decibels, as they are.
  public static let clap = AudioPreprocessing(spectrogram: .clap, maximumFrames: 1001, mean: 0, deviation: 1)

  /// M.
  public var bands: Int { spectrogram.bands }

  /// The most samples of which a row is made.
  public var maximumSamples: Int {
    (maximumFrames - 1) * spectrogram.hop + spectrogram.window + (spectrogram.isCentred ? spectrogram.transform : 0)
  }

  /// How long a clip may be without being cut.
  public var maximumSeconds: Double { Double(maximumSamples) / Double(spectrogram.rate) }

  /// What a band holds in a frame of silence that is appended before normalising, as transformers does.
  public var padding: Float { Float(-mean / deviation) }
}
