internal import Glibc
internal import Reporting

/// A file that is only ever appended to: each piece is there whole or not at all, so that a reader never meets half of one. What cannot be
/// written is worth less than the run: a warning is given once, and the run goes on. One owner at a time.
final class AppendedFile {
  let path: String
  /// Pieces that could not be written.
  private(set) var lost = 0
  private(set) var descriptor: Int32
  /// What lies in it, for the warning.
  private let content: String
  /// Why it could not be opened.
  private let openingError: Int32
  private let warn: (String) -> Void

  /// Opens the file for appending, or creates it.
  /// - Parameters:
  ///   - content: what is written, as in "cannot write metrics".
  ///   - warn: is told, at most once, that something is being lost and why.
  init(path: String, of content: String, warn: @escaping (String) -> Void) {
    (self.path, self.content, self.warn) = (path, content, warn)
    descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    openingError = descriptor >= 0 ? 0 : errno
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  func append(_ piece: [UInt8]) {
    guard !write(piece) else { return }
    let code = descriptor >= 0 ? errno : openingError
    lost += 1
    if lost == 1 {
      warn(
        "\(printable(path)): cannot write \(content): \(String(cString: strerror(code))); training goes on without them"
          + advice(code))
    }
  }

  /// Whether the piece was written; if only a part was, that part is taken back.
  private func write(_ piece: [UInt8]) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    var written = 0
    while written < piece.count {
      let count = piece[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let code = errno
        ftruncate(descriptor, status.st_size)
        errno = code
        return false
      }
      written += count
    }
    return true
  }
}

private func advice(_ code: Int32) -> String {
  switch code {
  case ENOSPC, EDQUOT: ". Free some space there"
  case EACCES, EPERM: ". The file is somebody else's: remove it, or choose another --output"
  default: ""
  }
}
