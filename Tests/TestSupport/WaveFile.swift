/// A WAV file, written field by field, so that any of them can lie.
public struct WaveFile: Sendable {
  public var channels: Int
  public var rate: Int
  public var bits: Int
  /// 1 for integers, 3 for floating-point numbers.
  public var coding: Int
  public var data: [UInt8]
  /// What the chunk says of its length, where that is not so.
  public var statedLength: Int?

  public init(
    channels: Int = 1, rate: Int = 16_000, bits: Int = 16, coding: Int = 1, data: [UInt8] = [], statedLength: Int? = nil
  ) {
    (self.channels, self.rate, self.bits) = (channels, rate, bits)
    (self.coding, self.data, self.statedLength) = (coding, data, statedLength)
  }

  public var bytes: [UInt8] {
    let frame = channels * bits / 8
    var format = little(coding, 2) + little(channels, 2) + little(rate, 4) + little(rate * frame, 4)
    format += little(frame, 2) + little(bits, 2)
    let body =
      Array("WAVEfmt ".utf8) + little(format.count, 4) + format + Array("data".utf8)
      + little(statedLength ?? data.count, 4) + data
    return Array("RIFF".utf8) + little(body.count, 4) + body
  }

  /// Samples of fp32.
  public static func floating(_ samples: [Float], channels: Int = 1) -> [UInt8] {
    WaveFile(channels: channels, bits: 32, coding: 3, data: samples.flatMap { little(Int($0.bitPattern), 4) }).bytes
  }

  /// A tone of its own for each number, of 16 bits.
  public static func tone(_ number: Int, samples: Int = 800, rate: Int = 16_000) -> [UInt8] {
    let period = 5 + number % 90
    let values = (0..<samples).map { place in (place % period - period / 2) * 16_000 / period + number % 7 }
    return WaveFile(rate: rate, data: values.flatMap { little($0, 2) }).bytes
  }
}

private func little(_ value: Int, _ count: Int) -> [UInt8] {
  (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
}
