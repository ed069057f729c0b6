import Files
import Foundation

/// A directory of its own for one test, removed when the test lets go of it.
final class Scratch {
  let path: String

  /// - Parameter inMemory: in /dev/shm where there is one, for tests that wait for the disk very often.
  init(inMemory: Bool = false) throws {
    let parent = inMemory && isDirectory("/dev/shm") ? "/dev/shm/" : NSTemporaryDirectory()
    path = parent + "mmtrain-archives-" + UUID().uuidString
    try makeDirectory(path)
  }

  deinit { try? removeTree(path) }

  func file(_ name: String) -> String { path + "/" + name }

  func file(_ name: String, _ bytes: [UInt8]) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }
}

/// Runs Python on a script; nil where there is no Python. Its standard output.
func python(_ script: String, _ arguments: String...) throws -> String? {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = ["python3", "-c", script] + arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  process.standardError = FileHandle.nullDevice
  try process.run()
  let output = pipe.fileHandleForReading.readDataToEndOfFile()
  process.waitUntilExit()
  return process.terminationStatus == 0 ? String(decoding: output, as: UTF8.self) : nil
}

let hasPython = (try? python("print(1)")) == "1\n"
