public import Audio

/// A clip of a sample: what it is, and where its file's bytes lie in the shard.
public struct ClipPlace: Codable, Equatable, Sendable {
  public let format: SoundFormat
  /// Frames a second, as the file has them.
  public let rate: Int
  public let channels: Int
  /// How long it is, as it was decoded when the set was made.
  public let frames: Int
  public let offset: Int
  public let bytes: Int

  init(_ clip: PreparedClip, place: MemberPlace) {
    (format, rate, channels, frames) = (clip.format, clip.rate, clip.channels, clip.frames)
    (offset, bytes) = (place.offset, place.bytes)
  }

  var place: MemberPlace { MemberPlace(offset: offset, bytes: bytes) }

  /// The largest file of a clip: as many bytes as the largest that is read takes without compression.
  static let maximumBytes = 1 << 31
}

/// A clip that is to be written: a file's bytes, and what decoding them has shown.
public struct PreparedClip: Sendable {
  public let file: [UInt8]
  public let format: SoundFormat
  public let rate: Int
  public let channels: Int
  public let frames: Int

  /// - Parameter header: of the file; `frames` are those that were decoded.
  public init(file: [UInt8], header: SoundHeader, frames: Int) {
    (self.file, self.frames) = (file, frames)
    (format, rate, channels) = (header.format, header.rate, header.channels)
  }

  /// Of another set.
  init(file: [UInt8], as place: ClipPlace) {
    (self.file, format, rate, channels, frames) = (file, place.format, place.rate, place.channels, place.frames)
  }
}
