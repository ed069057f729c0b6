public import Reporting

/// Why bytes did not become sound. The caller knows the file's name and says it.
public enum SoundError: ReportableError, Equatable {
  // The file
  /// The bytes are of no format that is read here, whatever the name says.
  case notASound(SoundKind)
  case noLength(SoundFormat)
  case tooLong(SoundFormat, seconds: Double, limit: Double)
  /// So few bytes cannot hold so many frames.
  case tooFewBytes(SoundFormat, frames: Int, bytes: Int)
  case rate(SoundFormat, Int)
  case tooManyChannels(SoundFormat, channels: Int, limit: Int)
  case truncated(SoundFormat)
  /// The coded data is inconsistent; the words are the library's.
  case damaged(SoundFormat, String)
  /// A sound file of a coding that is not read here.
  case unsupported(SoundFormat)
  /// NaN, infinite, or so large that its square is; frames count from 0.
  case notFinite(SoundFormat, frame: Int)

  // The machine
  case outOfMemory(frames: Int)

  public var description: String {
    switch self {
    case .notASound(let kind):
      "not a \(SoundFormat.names) but \(kind.rawValue); convert it to one of these, or leave it out"
    case .noLength(let format):
      "a \(format) without a sample; record it again, or leave it out"
    case .tooLong(let format, let seconds, let limit):
      "a \(format) of \(figure(seconds)) seconds, more than the \(figure(limit)) that are read of its rate and channels; cut it into "
        + "pieces, or leave it out"
    case .tooFewBytes(let format, let frames, let bytes):
      "a \(format) header of \(frames) frames over only \(bytes) bytes: cut off, or made to exhaust memory; fetch it again, or "
        + "leave it out"
    case .rate(let format, let rate):
      "a \(format) of \(rate) samples a second, which is not 1 to 384 kHz; resample it, or leave it out"
    case .tooManyChannels(let format, let channels, let limit):
      "a \(format) of \(channels) channels, more than the \(limit) that are read; mix it down, or leave it out"
    case .truncated(let format):
      "a \(format) that ends early: cut off on its way here; fetch it again, or leave it out"
    case .damaged(let format, let message):
      "a damaged \(format) (\(printable(message))); fetch it again, or leave it out"
    case .unsupported(let format):
      "a \(format) of a coding that is not read here; save it as 16-bit PCM"
    case .notFinite(let format, let frame):
      "a \(format) whose frame \(frame) is NaN, infinite or beyond 2^31: no sound; save it anew, or leave it out"
    case .outOfMemory(let frames):
      "no memory for \(frames) frames of sound; use fewer workers"
    }
  }

  public var exitCode: ExitCode {
    if case .outOfMemory = self { .internalError } else { .badData }
  }
}

private func figure(_ seconds: Double) -> String {
  "\((seconds * 10).rounded() / 10)"
}
