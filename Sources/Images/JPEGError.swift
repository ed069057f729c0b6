public import Reporting

/// Why bytes did not become a picture, or a picture no bytes. The caller knows the file's name and says it.
public enum JPEGError: ReportableError, Equatable {
  // The file
  /// The bytes are something else, whatever the name says.
  case notJPEG(FileKind)
  case tooManyPixels(width: Int, height: Int, limit: Int)
  /// So few bytes cannot hold so many pixels.
  case tooFewBytes(width: Int, height: Int, bytes: Int)
  /// Each scan costs a pass over all pixels.
  case tooManyScans(limit: Int)
  case truncated
  /// The coded data is inconsistent; the words are libjpeg's.
  case damaged(String)
  /// A sound file of a kind that is not read here (12 bits, lossless, odd colour spaces); the words are libjpeg's.
  case unsupported(String)

  // The machine
  case outOfMemory(width: Int, height: Int)

  // Writing
  case cannotEncode(width: Int, height: Int, String)

  public var description: String {
    switch self {
    case .notJPEG(let kind):
      "not a JPEG but \(kind.rawValue); convert it to JPEG, or leave it out"
    case .tooManyPixels(let width, let height, let limit):
      "a JPEG of \(width)x\(height) pixels, more than the \(limit) allowed; scale it down, or leave it out"
    case .tooFewBytes(let width, let height, let bytes):
      "a JPEG header of \(width)x\(height) pixels over only \(bytes) bytes: cut off, or made to exhaust memory; "
        + "fetch it again, or leave it out"
    case .tooManyScans(let limit):
      "a progressive JPEG of more than \(limit) scans, which costs time without end; save it anew, or leave it out"
    case .truncated:
      "a JPEG that ends before its end marker: cut off on its way here; fetch it again, or leave it out"
    case .damaged(let message):
      "a damaged JPEG (\(printable(message))); fetch it again, or leave it out"
    case .unsupported(let message):
      "a JPEG of a kind that is not read here (\(printable(message))); save it as an ordinary 8-bit JPEG"
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
