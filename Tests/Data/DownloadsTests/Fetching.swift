import Downloads
import Files
import Reporting
import Synchronization
import TestSupport

/// A directory to fetch into, and the waits between tries, which last no time.
final class Fetching: Sendable {
  let directory: TemporaryDirectory
  let waits = Mutex<[Double]>([])
  let lines = Mutex<[String]>([])

  init() throws { directory = try TemporaryDirectory(inMemory: true) }

  var target: String { directory("file") }
  /// What is in the directory, without the lock file, which stays.
  var names: [String] { get throws { try directoryEntries(directory.path).filter { !$0.hasSuffix(".lock") } } }

  func fetch(
    _ url: String, size: Int? = nil, digest: ContentDigest? = nil, authorization: String? = nil,
    limits: HTTPLimits = HTTPLimits(), authorities: String? = nil
  ) throws {
    let retries = RetryPolicy { seconds in self.waits.withLock { $0.append(seconds) } }
    let output = ProgressOutput(
      isLive: false, isColoured: false, width: { 80 }, write: { line in self.lines.withLock { $0.append(line) } })
    try Downloader(client: HTTPClient(limits: limits, authorities: authorities), retries: retries, output: output)
      .fetch(
        Download(
          HTTPRequest(url: url, authorization: authorization), to: target, title: "file", size: size, digest: digest))
  }
}

/// `count` bytes that are nowhere the same.
func content(_ count: Int, seed: UInt32 = 1) -> [UInt8] {
  var state = seed
  return (0..<count).map { _ in
    state = state &* 1_664_525 &+ 1_013_904_223
    return UInt8(state >> 24)
  }
}

/// The exit code that `body` ends with, or nil.
func exitCode(_ body: () throws -> Void) -> ExitCode? {
  do {
    try body()
    return nil
  } catch let error as any ReportableError {
    return error.exitCode
  } catch {
    return .internalError
  }
}
