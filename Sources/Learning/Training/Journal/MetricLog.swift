internal import Glibc
public import Reporting

/// `metrics.jsonl` of a run directory: one JSON object a line, only ever appended to.
///
/// A step's numbers are worth less than the step: where a line cannot be written, a warning is given once and training
/// goes on. A line is there whole or not at all, so that a reader never meets half an object. One owner at a time.
public final class MetricLog {
  public var path: String { file.path }
  /// Lines that could not be written.
  public var lostLines: Int { file.lost }
  private let file: AppendedFile

  /// Opens the file for appending, or creates it. Half a line at its end, left by a crash, is cut off.
  /// - Parameter warn: is told, at most once, that lines are being lost and why.
  public init(path: String, warn: @escaping (String) -> Void) {
    file = AppendedFile(path: path, of: "metrics", warn: warn)
    if file.descriptor >= 0 { cutTornLine(file.descriptor) }
  }

  /// Writes the line of a step.
  public func write(_ step: StepMetrics) { write(event: "step", step.members) }

  /// Writes the line of any other event: `{"event":…,members…}`.
  public func write(event: String, _ members: [(String, OrderedJSON)]) {
    file.append(Array((OrderedJSON.object([("event", .text(event))] + members).line + "\n").utf8))
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
