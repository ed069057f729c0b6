import Files
import Foundation

/// Runs `body` with a directory of its own, removed afterwards.
func withTemporaryDirectory<Result>(_ body: (String) throws -> Result) throws -> Result {
  let path = FileManager.default.temporaryDirectory.path + "/mmtrain-batching-" + UUID().uuidString
  try makeDirectory(path)
  defer { try? removeTree(path) }
  return try body(path)
}

/// What `python3 -c script arguments…` prints, or nil where there is no python3 or it fails.
func runPython(_ script: String, _ arguments: [String]) -> String? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-c", script] + arguments
  let output = Pipe()
  process.standardOutput = output
  process.standardError = FileHandle.standardError
  do { try process.run() } catch { return nil }
  let bytes = output.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return process.terminationStatus == 0 ? String(decoding: bytes, as: UTF8.self) : nil
}

let hasPython = runPython("print('yes')", []) == "yes\n"
