internal import CSoundFile

/// Reads the header only and applies the limits that it can be held against; decodes nothing.
///
/// - Throws: `SoundError`: what the file is if it is no sound that is read here, too long, too few bytes, damaged.
public func readSoundHeader(
  _ bytes: UnsafeRawBufferPointer, limits: SoundLimits = .init()
) throws(SoundError) -> SoundHeader {
  let file = try SoundFile(bytes)
  try file.admit(limits)
  return file.header
}

/// Decodes WAV, FLAC, Ogg or MP3 to the mean of its channels, at its own rate. The samples are those of the Python library
/// `soundfile`: integers as shares of the largest magnitude, floating-point samples as they are.
///
/// - Throws: `SoundError`, nothing else; the bytes may be anything.
public func decodeSound(
  _ bytes: UnsafeRawBufferPointer, limits: SoundLimits = .init()
) throws(SoundError) -> Waveform {
  let file = try SoundFile(bytes)
  try file.admit(limits)
  let samples = try file.samples(limits)
  if let frame = samples.firstIndex(where: { !($0.magnitude <= SoundLimits.largestSample) }) {
    throw .notFinite(file.header.format, frame: frame)
  }
  return Waveform(samples: samples, rate: file.header.rate)
}

/// The same for bytes in an array.
public func decodeSound(_ bytes: [UInt8], limits: SoundLimits = .init()) throws(SoundError) -> Waveform {
  try bytes.span.bytes.withUnsafeBytes { raw throws(SoundError) in try decodeSound(raw, limits: limits) }
}

/// An open file in memory: the only place that calls the library.
private struct SoundFile: ~Copyable {
  let header: SoundHeader
  private let handle: OpaquePointer
  private let raw: csoundfile_header
  private let count: Int

  init(_ bytes: UnsafeRawBufferPointer) throws(SoundError) {
    let format = try SoundFormat(of: bytes)
    if let error = format == .wav ? waveFault(bytes) : format == .mp3 ? mpegFault(bytes) : nil { throw error }
    var raw = csoundfile_header()
    var message = [CChar](repeating: 0, count: Int(CSOUNDFILE_MESSAGE_SIZE))
    let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    guard let handle = csoundfile_open(base, bytes.count, &raw, &message) else {
      let words = text(message)
      throw words.isEmpty ? .outOfMemory(frames: 0) : .damaged(format, words)
    }
    (self.handle, self.raw, count) = (handle, raw, bytes.count)
    header = SoundHeader(
      format: format, rate: Int(raw.rate), channels: Int(raw.channels), frames: raw.frames < 0 ? nil : Int(raw.frames))
  }

  func admit(_ limits: SoundLimits) throws(SoundError) {
    guard raw.container == header.format.container, raw.is_plain != 0 else { throw .unsupported(header.format) }
    try limits.admit(header, bytes: count)
  }

  deinit { csoundfile_close(handle) }

  /// All samples. A stream that does not say how long it is may be as long as the limits allow.
  func samples(_ limits: SoundLimits) throws(SoundError) -> [Float] {
    let format = header.format
    let most = min(limits.maximumFrames, limits.maximumSamples / header.channels)
    var samples: [Float] = []
    samples.reserveCapacity(header.frames ?? 0)
    while samples.count < header.frames ?? (most + 1) {
      let wanted = min(1 << 16, (header.frames ?? (most + 1)) - samples.count)
      let (block, words) = try read(wanted)
      samples += block
      if !words.isEmpty { throw .damaged(format, words) }
      if block.count < wanted { break }
    }
    guard samples.count <= most else {
      throw .tooLong(format, seconds: .infinity, limit: Double(most) / Double(header.rate))
    }
    if let frames = header.frames, samples.count < frames, format.statesLength { throw .truncated(format) }
    guard !samples.isEmpty else { throw .noLength(format) }
    return samples
  }

  private func read(_ frames: Int) throws(SoundError) -> (samples: [Float], words: String) {
    var message = [CChar](repeating: 0, count: Int(CSOUNDFILE_MESSAGE_SIZE))
    var count: Int64 = 0
    let samples = [Float](unsafeUninitializedCapacity: frames) { buffer, initialized in
      count = csoundfile_read(handle, buffer.baseAddress, frames, &message)
      initialized = Int(max(0, count))
    }
    guard count >= 0 else { throw .outOfMemory(frames: frames) }
    return (samples, text(message))
  }
}

private func text(_ message: [CChar]) -> String {
  String(decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
}
