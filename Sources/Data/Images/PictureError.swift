public import Reporting

/// Why bytes did not become a picture, or a picture no bytes. The caller knows the file's name and says it.
public enum PictureError: ReportableError, Equatable {
  // The file
  /// The bytes are of no format that is read here, whatever the name says.
  case notAPicture(FileKind)
  case tooManyPixels(PictureFormat, width: Int, height: Int, limit: Int)
  /// A side of more pixels than a JPEG can have.
  case tooLong(PictureFormat, width: Int, height: Int, limit: Int)
  /// So few bytes cannot hold so many pixels.
  case tooFewBytes(PictureFormat, width: Int, height: Int, bytes: Int)
  /// Each scan of a JPEG costs a pass over all pixels.
  case tooManyScans(limit: Int)
  case truncated(PictureFormat)
  /// The coded data is inconsistent; the words are the library's.
  case damaged(PictureFormat, String)
  /// A sound file of a kind that is not read here (a JPEG of 12 bits, lossless, odd colour spaces); the words are the
  /// library's.
  case unsupported(PictureFormat, String)
  /// So long that nothing is left of its shorter side once the longer one is as long as a model reads.
  case tooThin(width: Int, height: Int)

  // The machine
  case outOfMemory(width: Int, height: Int)

  // Writing
  case cannotEncode(width: Int, height: Int, String)

  public var description: String {
    switch self {
    case .notAPicture(let kind):
      "not a \(PictureFormat.names) but \(kind.rawValue); convert it to one of these, or leave it out"
    case .tooManyPixels(let format, let width, let height, let limit):
      "a \(format) of \(width)x\(height) pixels, more than the \(limit) allowed; scale it down, or leave it out"
    case .tooLong(let format, let width, let height, let limit):
      "a \(format) of \(width)x\(height) pixels, a side longer than \(limit); scale it down, or leave it out"
    case .tooFewBytes(let format, let width, let height, let bytes):
      "a \(format) header of \(width)x\(height) pixels over only \(bytes) bytes: cut off, or made to exhaust memory; "
        + "fetch it again, or leave it out"
    case .tooManyScans(let limit):
      "a progressive JPEG of more than \(limit) scans, which costs time without end; save it anew, or leave it out"
    case .truncated(let format):
      "a \(format) that ends early: cut off on its way here; fetch it again, or leave it out"
    case .damaged(let format, let message):
      "a damaged \(format) (\(printable(message))); fetch it again, or leave it out"
    case .unsupported(let format, let message):
      "a \(format) of a kind that is not read here (\(printable(message))); save it as an ordinary 8-bit \(format)"
    case .tooThin(let width, let height):
      "a picture of \(width)x\(height) pixels: nothing is left of its shorter side once the longer one is as long as the model "
        + "reads; cut it, or leave it out"
    case .outOfMemory(let width, let height):
      "no memory for a picture of \(width)x\(height) pixels; use fewer workers"
    case .cannotEncode(let width, let height, let message):
      "a picture of \(width)x\(height) pixels cannot become a JPEG: \(printable(message))"
    }
  }

  public var exitCode: ExitCode {
    switch self {
    case .outOfMemory, .cannotEncode: .internalError
    default: .badData
    }
  }
}
