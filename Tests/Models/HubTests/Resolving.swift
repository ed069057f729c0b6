import Downloads
import Hub
import Reporting
import Synchronization
import TestSupport

/// A model resolved from a toy hub, by waits that last no time.
struct Resolving {
  let hub: ToyHub
  let retries: RetryPolicy
  private let output: ProgressOutput
  private let written: Lines

  private final class Lines: Sendable {
    let text = Mutex("")
    let waits = Mutex<[Double]>([])
  }

  init() throws {
    let written = Lines()
    hub = try ToyHub()
    retries = RetryPolicy { seconds in written.waits.withLock { $0.append(seconds) } }
    output = ProgressOutput(
      isLive: false, isColoured: false, width: { 80 }, write: { line in written.text.withLock { $0 += line } })
    self.written = written
  }

  /// - Parameter overrides: of the environment; an empty value stands for none.
  func callAsFunction(_ name: String = "owner/model", _ overrides: [String: String] = [:]) throws -> String {
    let variables = hub.environment.merging(overrides) { _, new in new }
    return try resolveModel(name, environment: { variables[$0] }, output: output, retries: retries)
  }

  /// What it has told so far.
  var text: String { written.text.withLock { $0 } }
  /// Seconds that it has waited between tries.
  var waits: [Double] { written.waits.withLock { $0 } }

  /// What it says, and ends with, when it does not succeed.
  func refusal(_ name: String = "owner/model", _ overrides: [String: String] = [:]) -> (code: ExitCode, text: String)? {
    do {
      _ = try self(name, overrides)
      return nil
    } catch let error as any ReportableError {
      return (error.exitCode, error.description)
    } catch {
      return (.internalError, "\(error)")
    }
  }
}
