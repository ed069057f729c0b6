import Files
import Glibc
import Reporting
import TestSupport
import Testing

@Suite struct AtomicWriteTests {
  @Test func writesWhatItIsGiven() throws {
    let directory = try TemporaryDirectory()
    let large = [UInt8](repeating: 7, count: 1 << 20)
    try writeAtomically(to: directory("file")) { writer in
      try writer.write("text")
      try writer.write(large)
      try writer.write([1, 2])
      #expect(writer.offset == large.count + 6)
    }
    #expect(try readFile(directory("file")) == Array("text".utf8) + large + [1, 2])
    #expect(try directoryEntries(directory.path) == ["file"])
  }

  @Test func callsComeInTheOrderThatMakesThemDurable() throws {
    let directory = try TemporaryDirectory()
    let calls = Recorder()
    try withDiskHook(DiskHook { call, _ in calls.append(call) }) {
      try writeAtomically("x".utf8, to: directory("file"))
    }
    #expect(calls.values == ["create", "write", "fsync", "close", "rename", "fsync"])
  }

  /// Whatever call fails: the old content stays, and no temporary does.
  @Test(arguments: ["create", "write", "fsync", "close", "rename"])
  func aFailedCallLeavesTheOldFile(failing: String) throws {
    let directory = try TemporaryDirectory()
    try writeAtomically("old".utf8, to: directory("file"))
    let full = FileError.system(call: failing, path: "file", code: ENOSPC)
    let error = #expect(throws: FileError.self) {
      try withDiskHook(DiskHook { call, _ in if call == failing { throw full } }) {
        try writeAtomically("new".utf8, to: directory("file"))
      }
    }
    #expect(error?.exitCode == .inputOutput)
    #expect(error?.description.contains("free some space") == true)
    #expect(try readFile(directory("file")) == Array("old".utf8))
    #expect(try directoryEntries(directory.path) == ["file"])
    try writeAtomically("new".utf8, to: directory("file"))
  }

  /// A mapping of the old file keeps its bytes, because the new one is another file.
  @Test func replacingAMappedFileLeavesTheMapping() throws {
    let directory = try TemporaryDirectory()
    try writeAtomically([UInt8](repeating: 1, count: 10_000), to: directory("file"))
    let mapped = try MappedFile(directory("file"))
    try writeAtomically([UInt8](repeating: 2, count: 10), to: directory("file"))
    #expect(mapped.bytes.count == 10_000 && mapped.bytes.allSatisfy { $0 == 1 })
  }

  @Test func readingRefusesWhatIsNoFile() throws {
    let directory = try TemporaryDirectory()
    #expect(throws: FileError.self) { try readFile(directory.path) }
    #expect(throws: FileError.self) { try readFile("/dev/zero") }
    // A pipe that nobody writes to must not be waited for.
    #expect(mkfifo(directory("pipe"), 0o600) == 0)
    let pipe = #expect(throws: FileError.self) { try readFile(directory("pipe")) }
    #expect(pipe?.exitCode == .missingInput && pipe?.description.contains("is a pipe where a file is wanted") == true)
    #expect(#expect(throws: FileError.self) { try readFile(directory("none")) }?.exitCode == .missingInput)
    try writeAtomically([1, 2, 3], to: directory("file"))
    #expect(#expect(throws: FileError.self) { try readFile(directory("file"), limit: 2) }?.exitCode == .badData)
    try writeAtomically([], to: directory("empty"))
    #expect(try readFile(directory("empty")) == [])
  }
}
