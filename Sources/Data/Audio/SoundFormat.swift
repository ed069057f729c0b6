internal import CSoundFile

/// A format of sound that is read here. What a file is, its bytes decide, not its name.
public enum SoundFormat: String, Codable, CaseIterable, Sendable, CustomStringConvertible {
  case wav, flac, ogg, mp3

  /// The format of a file by its first bytes; 64 of them are enough.
  ///
  /// - Throws: `SoundError.notASound` with what it is instead.
  public init(of bytes: UnsafeRawBufferPointer) throws(SoundError) {
    let kind = SoundKind(bytes)
    guard let format = Self.allCases.first(where: { $0.kind == kind }) else { throw .notASound(kind) }
    self = format
  }

  public var description: String {
    switch self {
    case .wav: "WAV"
    case .flac: "FLAC"
    case .ogg: "Ogg"
    case .mp3: "MP3"
    }
  }

  /// What names of such files end in, by custom: no dot, lower case.
  public var fileExtension: String { rawValue }

  var kind: SoundKind {
    switch self {
    case .wav: .wav
    case .flac: .flac
    case .ogg: .ogg
    case .mp3: .mp3
    }
  }

  /// How the library calls the container.
  var container: Int32 {
    switch self {
    case .wav: Int32(CSOUNDFILE_WAV)
    case .flac: Int32(CSOUNDFILE_FLAC)
    case .ogg: Int32(CSOUNDFILE_OGG)
    case .mp3: Int32(CSOUNDFILE_MPEG)
    }
  }

  /// The most samples that one byte can stand for. WAV: ADPCM has four bits a sample. FLAC: a block of 65,535 equal samples takes
  /// eleven bytes. Ogg: an Opus packet of 120 ms takes two. MP3: 8 kbit/s at 48 kHz.
  var samplesPerByte: Int {
    switch self {
    case .wav: 2
    case .flac: 8192
    case .ogg: 4096
    case .mp3: 64
    }
  }

  /// Whether the length that a file states is exact, so that one with fewer samples has been cut off.
  var statesLength: Bool { self != .mp3 }

  static var names: String { "WAV, FLAC, Ogg or MP3" }
}
