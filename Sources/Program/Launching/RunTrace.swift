internal import Checkpoints
internal import Files
internal import Foundation
internal import Glibc

/// What a run leaves behind in its directory, for one who only looks on.
package struct RunTrace {
  private let directory: String
  private let start: Int

  /// Begins with what is there now: older steps do not count.
  package init(_ directory: String) {
    self.directory = directory
    start = fileSize(directory + "/metrics.jsonl")
  }

  /// Whether anything has been written down since, which a run does before its first step.
  var hasBegun: Bool { fileSize(directory + "/metrics.jsonl") > start }

  /// The newest step that has been written down since.
  package var newestStep: Int? {
    guard let file = FileHandle(forReadingAtPath: directory + "/metrics.jsonl") else { return nil }
    defer { try? file.close() }
    let size = fileSize(directory + "/metrics.jsonl")
    // A step takes a few hundred bytes; one that was skipped names all its samples.
    var window = 1 << 16
    while true {
      let from = max(min(start, size), size - window)
      guard (try? file.seek(toOffset: UInt64(from))) != nil, let bytes = try? file.readToEnd() else { return nil }
      let lines = bytes.split(separator: UInt8(ascii: "\n"))
      if let step = lines.reversed().lazy.compactMap(stepNumber).first { return step }
      guard from > start, window < 1 << 28 else { return nil }
      window *= 4
    }
  }

  /// A number that changes when the run has made a checkpoint; nil before it has one. Without links it is the same for all that
  /// follow the first: a command that names where to begin is then given again, and does so once.
  package static func newestCheckpoint(of directory: String) -> UInt64? {
    let steps = try? CheckpointStore(runDirectory: directory).steps()
    return linkNumber(directory + "/last") ?? (steps ?? []).first.map { _ in 0 }
  }

  /// The step of the newest checkpoint, older ones included.
  var checkpointStep: Int? {
    (try? CheckpointStore(runDirectory: directory).steps().last) ?? nil
  }
}

private func stepNumber(_ line: Data) -> Int? {
  guard line.starts(with: #"{"event":"step","step":"#.utf8) else { return nil }
  return Int(String(decoding: line.dropFirst(23).prefix { $0 >= 48 && $0 <= 57 }, as: UTF8.self))
}

private func fileSize(_ path: String) -> Int {
  var status = stat()
  return stat(path, &status) == 0 ? Int(status.st_size) : 0
}
