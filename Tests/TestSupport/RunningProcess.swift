internal import Files
internal import Foundation

/// A program that runs while a test looks on; what is left of it ends with this object.
public final class RunningProcess {
  private let process = Process()
  private let directory: TemporaryDirectory

  /// - Parameter environment: laid over that of the tests.
  public init(_ executable: String, _ arguments: [String], environment: [String: String] = [:]) throws {
    directory = try TemporaryDirectory()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.environment = fixedProducts.merging(ProcessInfo.processInfo.environment) { $1 }.merging(environment) {
      _, new in new
    }
    // Files instead of pipes: a full pipe would block a program that nobody reads from.
    for name in ["out", "err"] { try writeAtomically([], to: directory(name)) }
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: directory("out")))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: directory("err")))
    process.standardInput = FileHandle.nullDevice
    try withoutBlockedSignals { try process.run() }
  }

  deinit {
    if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  }

  public var identifier: Int32 { process.processIdentifier }

  public var isRunning: Bool { process.isRunning }

  /// Sends a signal to the program.
  public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

  /// Waits for the program's end.
  /// - Throws: `ProcessTimeout` after so many seconds; the program is then killed.
  public func wait(timeout: Double = 60) throws -> ProcessResult {
    let deadline = Date(timeIntervalSinceNow: timeout)
    while process.isRunning {
      guard Date() < deadline else {
        send(SIGKILL)
        process.waitUntilExit()
        throw ProcessTimeout(seconds: timeout, arguments: process.arguments ?? [], errors: try text("err"))
      }
      Thread.sleep(forTimeInterval: 0.005)
    }
    process.waitUntilExit()
    return ProcessResult(
      status: process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0),
      output: try text("out"), errors: try text("err"))
  }

  private func text(_ name: String) throws -> String { String(decoding: try readFile(directory(name)), as: UTF8.self) }
}

/// Tests run on threads that block most signals. A program that is started there would inherit that, and never hear of
/// a signal that a test sends it.
private func withoutBlockedSignals(_ start: () throws -> Void) rethrows {
  var none = sigset_t()
  var before = sigset_t()
  sigemptyset(&none)
  pthread_sigmask(SIG_SETMASK, &none, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  try start()
}

/// A program did not end in time.
public struct ProcessTimeout: Error, CustomStringConvertible {
  public var seconds: Double
  public var arguments: [String]
  /// What it had written to standard error.
  public var errors: String

  public var description: String {
    "still running after \(seconds) s: \(arguments.joined(separator: " "))\nit said: \(errors)"
  }
}

/// A program that tests start computes products by one library, whatever is faster meanwhile: its bits are compared.
let fixedProducts = ["MMTRAIN_PRODUCTS": "openblas"]
