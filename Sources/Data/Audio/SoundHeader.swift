/// What a sound says about itself before its samples.
public struct SoundHeader: Equatable, Sendable {
  public let format: SoundFormat
  /// Frames a second.
  public let rate: Int
  public let channels: Int
  /// Nil for a stream that does not say how long it is.
  public let frames: Int?
}

/// Sound as it is worked with: one channel, in shares of the loudest that integers hold.
public struct Waveform: Equatable, Sendable {
  public var samples: [Float]
  /// Samples a second.
  public var rate: Int

  public init(samples: [Float], rate: Int) { (self.samples, self.rate) = (samples, rate) }

  public var seconds: Double { Double(samples.count) / Double(rate) }
}
