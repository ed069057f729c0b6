internal import Files
internal import Foundation

/// How another program ended, and what it said.
public struct ProcessResult: Sendable {
  /// The exit status, or 128 plus the signal's number.
  public var status: Int32
  /// What it wrote to standard output.
  public var output: String
  /// What it wrote to standard error.
  public var errors: String
}

/// Runs a program to its end, or to `timeout` seconds, after which it is killed (status 137).
public func run(
  _ executable: String, _ arguments: [String], environment: [String: String] = [:], timeout: Double = 120
) throws -> ProcessResult {
  let directory = try TemporaryDirectory()
  let process = Process()
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
  try process.run()
  let deadline = Date(timeIntervalSinceNow: timeout)
  while process.isRunning, Date() < deadline { Thread.sleep(forTimeInterval: 0.01) }
  if process.isRunning { kill(process.processIdentifier, SIGKILL) }
  process.waitUntilExit()
  return ProcessResult(
    status: process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0),
    output: String(decoding: try readFile(directory("out")), as: UTF8.self),
    errors: String(decoding: try readFile(directory("err")), as: UTF8.self))
}
