internal import Glibc
public import Reporting

/// `metrics.jsonl` of a run directory: one JSON object a line, only ever appended to.
///
/// A step's numbers are worth less than the step: where a line cannot be written, a warning is given once and training
/// goes on. A line is there whole or not at all, so that a reader never meets half an object. One owner at a time.
public final class MetricLog {
  public let path: String
  /// Lines that could not be written.
  public private(set) var lostLines = 0
  private var descriptor: Int32 = -1
  /// Why it could not be opened.
  private var openingError: Int32 = 0
  private let warn: (String) -> Void

  /// Opens the file for appending, or creates it. Half a line at its end, left by a crash, is cut off.
  /// - Parameter warn: is told, at most once, that lines are being lost and why.
  public init(path: String, warn: @escaping (String) -> Void) {
    self.path = path
    self.warn = warn
    descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o644)
    if descriptor >= 0 { cutTornLine(descriptor) } else { openingError = errno }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  /// Writes the line of a step.
  public func write(_ step: StepMetrics) { write(event: "step", step.members) }

  /// Writes the line of any other event: `{"event":…,members…}`.
  public func write(event: String, _ members: [(String, OrderedJSON)]) {
    let line = OrderedJSON.object([("event", .text(event))] + members).line + "\n"
    guard !append(Array(line.utf8)) else { return }
    let code = descriptor >= 0 ? errno : openingError
    lostLines += 1
    if lostLines == 1 {
      warn(
        "\(printable(path)): cannot write metrics: \(String(cString: strerror(code))); training goes on without them"
          + advice(code))
    }
  }

  /// Whether the line was written; if only a part was, that part is taken back.
  private func append(_ line: [UInt8]) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    var written = 0
    while written < line.count {
      let count = line[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
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

/// Cuts the file behind its last line break.
private func cutTornLine(_ descriptor: Int32) {
  var end = lseek(descriptor, 0, SEEK_END)
  let size = end
  var block = [UInt8](repeating: 0, count: 4096)
  while end > 0 {
    let start = max(0, end - block.count)
    let count = pread(descriptor, &block, end - start, start)
    guard count == end - start else { return }
    if let newline = block[..<count].lastIndex(of: UInt8(ascii: "\n")) {
      end = start + newline + 1
      break
    }
    end = start
  }
  if end >= 0, end < size { ftruncate(descriptor, end) }
}
