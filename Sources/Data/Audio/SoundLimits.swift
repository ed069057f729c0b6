/// What decoding may cost and what sound may be, checked before anything is allocated.
public struct SoundLimits: Equatable, Sendable {
  /// Frames of a clip: 52 minutes at 16 kHz, 17 at 48 kHz.
  public var maximumFrames = 50_000_000
  /// Frames × channels: what is decoded on the way to the mean of the channels.
  public var maximumSamples = 400_000_000
  public var maximumChannels = 32

  /// Frames a second.
  static let rates = 1_000...384_000
  /// The largest magnitude of a sample: that of 32-bit integers which nobody has scaled. Beyond it squares would leave fp32.
  static let largestSample: Float = 0x1p31

  public init() {}

  /// - Throws: `SoundError` for what the header says that is not within the limits.
  func admit(_ header: SoundHeader, bytes: Int) throws(SoundError) {
    let format = header.format
    guard Self.rates.contains(header.rate) else { throw .rate(format, header.rate) }
    guard (1...maximumChannels).contains(header.channels) else {
      throw .tooManyChannels(format, channels: header.channels, limit: maximumChannels)
    }
    guard let frames = header.frames else { return }
    guard frames > 0 else { throw .noLength(format) }
    let limit = min(maximumFrames, maximumSamples / header.channels)
    guard frames <= limit else {
      throw .tooLong(format, seconds: Double(frames) / Double(header.rate), limit: Double(limit) / Double(header.rate))
    }
    guard frames / format.samplesPerByte <= bytes else {
      throw .tooFewBytes(format, frames: frames, bytes: bytes)
    }
  }
}
