import Files
import Reporting
import TestSupport
import Testing

@Suite struct DirectoryTests {
  @Test func partsOfPaths() {
    #expect(["a/b/c", "a", "/", "/a", "a/b/"].map(parentDirectory(of:)) == ["a/b", ".", "/", "/", "a"])
    #expect(["a/b/c", "a", "/a", "a/b/"].map(lastComponent(of:)) == ["c", "a", "a", "b"])
  }

  @Test func makesAndRemovesTrees() throws {
    let directory = try TemporaryDirectory()
    try makeDirectory(directory("a/b/c"))
    try makeDirectory(directory("a/b/c"))
    try writeAtomically("x".utf8, to: directory("a/b/file"))
    try replaceLink(directory("a/link"), target: "/etc")
    #expect(try directoryEntries(directory("a")) == ["b", "link"])
    #expect(try treeSize(directory.path) == 1)
    try removeTree(directory("a"))
    #expect(try directoryEntries(directory.path) == [])
    #expect(fileExists("/etc"))
    try removeTree(directory("a"))
  }

  @Test func aFileInTheWayIsAnError() throws {
    let directory = try TemporaryDirectory()
    try writeAtomically("x".utf8, to: directory("file"))
    let error = #expect(throws: FileError.self) { try makeDirectory(directory("file/below")) }
    #expect(error?.exitCode == .cannotCreateOutput)
  }

  @Test func linksAreReplacedInOneStep() throws {
    let directory = try TemporaryDirectory()
    #expect(linkTarget(directory("last")) == nil)
    try replaceLink(directory("last"), target: "one")
    try replaceLink(directory("last"), target: "two")
    #expect(linkTarget(directory("last")) == "two")
    #expect(try directoryEntries(directory.path) == ["last"])
  }

  @Test func aReplacedLinkIsAnotherLink() throws {
    let directory = try TemporaryDirectory()
    try makeDirectory(directory("a"))
    #expect(linkNumber(directory("link")) == nil)
    try replaceLink(directory("link"), target: "a")
    let first = linkNumber(directory("link"))
    #expect(first != nil && first == linkNumber(directory("link")))
    try replaceLink(directory("link"), target: "a")
    #expect(linkNumber(directory("link")) != first, "also where it points to the same place")
    try removeTree(directory("a"))
    #expect(linkNumber(directory("link")) == nil, "it points at nothing")
  }

  @Test func stagingBecomesFinalByRename() throws {
    let directory = try TemporaryDirectory()
    try makeDirectoryAtomically(directory("out")) { staging in
      try writeAtomically("x".utf8, to: staging + "/deep")
      #expect(!fileExists(directory("out")))
    }
    #expect(try directoryEntries(directory.path) == ["out"])
    #expect(throws: FileError.self) { try makeDirectoryAtomically(directory("out")) { _ in } }
    #expect(throws: FileError.self) {
      try makeDirectoryAtomically(directory("new")) { _ in throw FileError.missing(path: "x") }
    }
    #expect(try directoryEntries(directory.path) == ["out"])
  }

  @Test func writabilityIsShownBeforehand() throws {
    let directory = try TemporaryDirectory()
    try requireWritable(directory("new/run"))
    #expect(try directoryEntries(directory("new/run")) == [])
    let error = #expect(throws: FileError.self) { try requireWritable("/proc/mmtrain") }
    #expect(error?.exitCode == .cannotCreateOutput)
  }

  @Test func discardedTreesLoseTheirNameFirst() throws {
    let directory = try TemporaryDirectory()
    try makeDirectory(directory("old"))
    try writeAtomically("x".utf8, to: directory("old/file"))
    let calls = Recorder()
    try withDiskHook(DiskHook { call, _ in calls.append(call) }) { try discardTree(directory("old")) }
    #expect(calls.values == ["rename", "fsync", "unlink", "rmdir"])
    #expect(try directoryEntries(directory.path) == [])
  }
}
