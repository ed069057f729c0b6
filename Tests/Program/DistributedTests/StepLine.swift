import Files
import Foundation
import TestSupport
import Testing

/// A `step` line of metrics.jsonl.
struct StepLine: Decodable, Sendable {
  let step: Int
  let epoch: Int
  /// Of the global batch.
  let loss: Double
  /// By the names of their objectives.
  let losses: [String: Double]
  let gradientNorm: Double

  private enum CodingKeys: String, CodingKey {
    case step, epoch, loss, losses
    case gradientNorm = "gradient_norm"
  }
}

/// The steps that a run's metrics.jsonl tells of, in ascending order; of a step that was done again after a stop, the
/// last line. Half a line at the end counts as none, and so does a file that is not there yet.
func stepLines(of run: String) throws -> [StepLine] {
  let path = run + "/metrics.jsonl"
  guard fileExists(path) else { return [] }
  let whole = try readFile(path).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).dropLast()
  var lines: [Int: StepLine] = [:]
  for line in whole where line.starts(with: #"{"event":"step""#.utf8) {
    let step = try JSONDecoder().decode(StepLine.self, from: Data(line))
    lines[step.step] = step
  }
  return lines.values.sorted { $0.step < $1.step }
}

/// Waits until a run that is under way has done `step`.
/// - Throws: `RunIsOver` where it ends, or hangs for a minute, before that.
func wait(forStep step: Int, of run: String, _ process: RunningProcess) throws {
  let deadline = Date(timeIntervalSinceNow: 60)
  while (try stepLines(of: run).last?.step ?? 0) < step {
    guard process.isRunning, Date() < deadline else {
      process.send(SIGKILL)
      throw RunIsOver(step: step, said: try process.wait().errors)
    }
    Thread.sleep(forTimeInterval: 0.002)
  }
}

/// The process number that a rank's shell wrote to a file.
func processNumber(_ path: String) throws -> Int32 {
  let text = String(decoding: try readFile(path), as: UTF8.self)
  return try #require(text.split(separator: "\n").first.flatMap { Int32($0) })
}

/// A run did not come as far as a test wanted to see it.
struct RunIsOver: Error, CustomStringConvertible {
  let step: Int
  let said: String

  var description: String { "the run never reached step \(step); it said: \(said)" }
}
