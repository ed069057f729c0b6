import Files
import Foundation

/// Runs the program that was built beside these tests.
struct Program {
  struct Result {
    let exitCode: Int32
    let output: String
    let errors: String
  }

  /// `MMTRAIN_BINARY`, or `mmtrain` in the directory of the test bundle.
  static let path = ProcessInfo.processInfo.environment["MMTRAIN_BINARY"] ?? besideTheTests()

  /// Runs `mmtrain arguments` in an environment of its own, PATH and what is given, and in an empty directory: what somebody
  /// has prepared or trained where the tests run is none of theirs.
  static func run(_ arguments: String..., environment: [String: String] = [:]) throws -> Result {
    try run(path, arguments, environment: environment)
  }

  static func run(_ path: String, _ arguments: [String], environment: [String: String] = [:]) throws -> Result {
    let directory = FileManager.default.temporaryDirectory.appendingPathComponent("mmtrain-\(UUID().uuidString)").path
    try makeDirectory(directory)
    defer { try? removeTree(directory) }
    let process = Process()
    try makeDirectory(directory + "/work")
    process.executableURL = URL(fileURLWithPath: path)
    process.currentDirectoryURL = URL(fileURLWithPath: directory + "/work")
    process.arguments = arguments
    process.environment = baseEnvironment().merging(environment) { $1 }
    // Files rather than pipes, so that no amount of output can block the program.
    for name in ["output", "errors"] { try writeAtomically([], to: directory + "/" + name) }
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle(forWritingAtPath: directory + "/output")
    process.standardError = FileHandle(forWritingAtPath: directory + "/errors")
    try process.run()
    process.waitUntilExit()
    let isSignal = process.terminationReason == .uncaughtSignal
    return Result(
      exitCode: isSignal ? 128 + process.terminationStatus : process.terminationStatus,
      output: String(decoding: try readFile(directory + "/output"), as: UTF8.self),
      errors: String(decoding: try readFile(directory + "/errors"), as: UTF8.self))
  }

  /// Whether Open MPI's mpirun can be started here.
  static let hasMPIRun: Bool = {
    let result = try? run("/usr/bin/env", ["mpirun", "--version"])
    return result?.exitCode == 0 && result?.output.contains("Open MPI") == true
  }()

  private static func baseEnvironment() -> [String: String] {
    var environment = [
      "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "MMTRAIN_PRODUCTS": "openblas",
    ]
    for name in ["PATH", "HOME", "LD_LIBRARY_PATH"] {
      environment[name] = ProcessInfo.processInfo.environment[name]
    }
    return environment
  }

  private static func besideTheTests() -> String {
    let bundle = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    return parentDirectory(of: bundle ?? CommandLine.arguments[0]) + "/mmtrain"
  }
}
