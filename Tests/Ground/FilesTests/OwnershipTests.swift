import Files
import FoundationEssentials
import Glibc
import Reporting
import TestSupport
import Testing

@Suite struct OwnershipTests {
  private func lockText(_ directory: String) throws -> String {
    String(decoding: try readFile(directory + "/.lock"), as: UTF8.self)
  }

  @Test func aSecondOwnerIsRefusedAndToldWho() throws {
    let directory = try TemporaryDirectory()
    let lock = try DirectoryLock(directory("run"))
    let error = #expect(throws: FileError.self) { _ = try DirectoryLock(directory("run")) }
    #expect(error?.exitCode == .cannotCreateOutput)
    #expect(error?.description.contains("process \(getpid()) on ") == true)
    lock.release()
    let next = try DirectoryLock(directory("run"))
    next.release()
    #expect(try directoryEntries(directory("run")) == [])
  }

  @Test func theLockEndsWithItsObject() throws {
    let directory = try TemporaryDirectory()
    do {
      let lock = try DirectoryLock(directory.path)
      #expect(lock.directory == directory.path)
    }
    _ = try DirectoryLock(directory.path)
  }

  @Test func aDeadOwnersLockIsTakenOver() throws {
    let directory = try TemporaryDirectory()
    let host = try host(in: directory)
    for text in ["pid 4194000 on \(host) started 5\n", "", "pid \(getppid()) on \(host) started 1\n", "junk"] {
      try writeAtomically(text.utf8, to: directory(".lock"))
      let lock = try DirectoryLock(directory.path)
      #expect(try lockText(directory.path).hasPrefix("pid \(getpid()) on \(host) "))
      lock.release()
    }
  }

  @Test func anotherHostsLockIsBelievedWhereFilesAreShared() throws {
    let directory = try TemporaryDirectory()
    try writeAtomically("pid 1 on other.example started 5\n".utf8, to: directory(".lock"))
    let error = #expect(throws: FileError.self) { _ = try DirectoryLock(directory.path, isLocal: { _ in false }) }
    #expect(error?.description.contains("process 1 on other.example (if that has ended, delete ") == true)
  }

  /// A container killed with its host's name in the lock comes back under another name: the kernel knows that it has ended.
  @Test func anotherHostsLockOnAFileSystemOfThisMachineAloneIsTakenOver() throws {
    let directory = try TemporaryDirectory()
    try writeAtomically("pid 1 on other.example started 5\n".utf8, to: directory(".lock"))
    let lock = try DirectoryLock(directory.path, isLocal: { _ in true })
    #expect(try lockText(directory.path).hasPrefix("pid \(getpid()) on "))
    #expect(throws: FileError.self, "the kernel's lock still holds") {
      _ = try DirectoryLock(directory.path, isLocal: { _ in true })
    }
    lock.release()
  }

  @Test func fileSystemsOfOtherMachinesAreNotLocal() throws {
    for kind: UInt32 in [0xEF53, 0x0102_1994, 0x794C_7630] { #expect(isLocal(fileSystem: kind), "\(kind)") }
    // NFS, CIFS, SMB2, Lustre, Ceph, FUSE, 9p, GPFS.
    for kind: UInt32 in [
      0x6969, 0xFF53_4D42, 0xFE53_4D42, 0x0BD0_0BD0, 0x00C3_6400, 0x6573_5546, 0x0102_1997, 0x4750_4653,
    ] { #expect(!isLocal(fileSystem: kind), "\(kind)") }
  }

  /// Where nobody waits for a process that has ended, it stays in the table of processes: what it left is swept too.
  @Test func whatAnEndedButUnwaitedProcessLeftIsSwept() throws {
    let directory = try TemporaryDirectory()
    var process = pid_t()
    var arguments: [UnsafeMutablePointer<CChar>?] = [strdup("true"), nil]
    defer { free(arguments[0]) }
    try #require(posix_spawnp(&process, "true", nil, nil, &arguments, environ) == 0)
    defer { waitpid(process, nil, 0) }
    var status = ""
    for _ in 0..<200 where !status.contains(") Z ") {
      usleep(10_000)
      status = try String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
    }
    let start = try #require(status.split(separator: " ").dropFirst(21).first)
    let host = try String(contentsOfFile: "/proc/sys/kernel/hostname", encoding: .utf8).filter { $0 != "\n" }
    try makeDirectory(directory("step.tmp-\(host)-\(process)-\(start)"))
    #expect(try sweepTemporaries(in: directory.path).count == 1)
  }

  @Test func onlyDeadOwnersTemporariesAreSwept() throws {
    let directory = try TemporaryDirectory()
    let host = try host(in: directory)
    let start = try lockWords(in: directory)[5]
    let dead = ["model.tmp-\(host)-4194000-77", "step.tmp-\(host)-\(getpid())-1", "a.tmp-b.tmp-\(host)-4194000-0"]
    let foreign = "model.tmp-other-host-5-5"
    let kept = ["model", "model.tmp-mine", "model.tmp-\(host)-\(getpid())-\(start)", "model.tmp-\(host)-x-1"]
    for name in dead + [foreign] + kept { try writeAtomically("abc".utf8, to: directory(name)) }
    try removeTree(directory(dead[0]))
    try makeDirectory(directory(dead[0]))
    try writeAtomically("abcd".utf8, to: directory(dead[0] + "/member"))

    let swept = try sweepTemporaries(in: directory.path)
    #expect(swept.map { lastComponent(of: $0.path) }.sorted() == dead.sorted())
    #expect(swept.map(\.bytes).sorted() == [3, 3, 4])
    #expect(swept.allSatisfy { (0...60).contains($0.ageInSeconds) })
    #expect(try directoryEntries(directory.path) == ([foreign] + kept).sorted())

    let lock = try DirectoryLock(directory.path)
    #expect(try sweepTemporaries(in: directory.path, holding: lock).map(\.path) == [directory(foreign)])
    #expect(try sweepTemporaries(in: directory("nowhere")) == [])
  }

  private func host(in directory: TemporaryDirectory) throws -> String { try lockWords(in: directory)[3] }

  private func lockWords(in directory: TemporaryDirectory) throws -> [String] {
    let lock = try DirectoryLock(directory("probe"))
    let words = try lockText(lock.directory).split { $0 == " " || $0 == "\n" }.map(String.init)
    lock.release()
    try removeTree(directory("probe"))
    return words
  }
}
