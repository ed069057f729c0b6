import Archives
import Files
import Foundation
import Reporting
import TestSupport
import Testing

@Suite struct FolderSourceTests {
  /// "é" as one scalar and as two: equal to Swift, two files to the system.
  @Test func namesThatDifferInBytesAreTwoFiles() throws {
    let place = try TemporaryDirectory()
    try writeAtomically("one".utf8, to: place("caf\u{E9}.jpg"))
    try writeAtomically("three".utf8, to: place("cafe\u{301}.jpg"))
    let source = try FolderSource(path: place.path)
    #expect(source.names.count == 2)
    #expect(source.names.map { source.size($0) } == [5, 3] && source.size("none") == 0)
    #expect(try source.names.map { try source.read($0).count } == [5, 3])
  }

  /// Makes a file whose name is these bytes.
  private func write(_ name: [UInt8], in place: TemporaryDirectory) throws {
    let path = Array(place.path.utf8) + [0x2F] + name
    let descriptor = withPath(path) { creat($0, 0o644) }
    try #require(descriptor >= 0)
    close(descriptor)
  }

  /// A name of letters without meaning is no reason to lose the file in silence; the folder above it neither.
  @Test func namesThatAreNotUTF8AreTold() throws {
    let place = try TemporaryDirectory()
    try writeAtomically("one".utf8, to: place("a.jpg"))
    try write(Array("caf".utf8) + [0xE9] + Array(".jpg".utf8), in: place)
    try withPath(Array(place.path.utf8) + [0x2F, 0xFF]) { try #require(mkdir($0, 0o755) == 0) }
    try write([0xFF] + Array("/b.jpg".utf8), in: place)
    try write([0xFF] + Array("/.hidden".utf8), in: place)
    let source = try FolderSource(path: place.path)
    #expect(source.names == ["a.jpg"])
    #expect(source.leftOut.map(\.name) == ["caf\u{FFFD}.jpg", "\u{FFFD}/b.jpg"])
    #expect(source.leftOut.allSatisfy { $0.reason.contains("not UTF-8") && $0.reason.contains("rename it") })
    for name in [[0xFF] + Array("/b.jpg".utf8), [0xFF] + Array("/.hidden".utf8), [0xFF]] {
      withPath(Array(place.path.utf8) + [0x2F] + name) { _ = remove($0) }
    }
  }

  @Test func linksThatLeadNowhereAreTold() throws {
    let place = try TemporaryDirectory()
    try makeDirectory(place("d"))
    try writeAtomically("one".utf8, to: place("d/a.jpg"))
    try replaceLink(place("b.jpg"), target: "nowhere.jpg")
    try replaceLink(place("loop"), target: ".")
    try replaceLink(place("same"), target: "d")
    try replaceLink(place("self.jpg"), target: "self.jpg")
    #expect(mkfifo(place("pipe.jpg"), 0o600) == 0)
    let source = try FolderSource(path: place.path)
    #expect(source.names == ["d/a.jpg"])
    #expect(source.leftOut.map(\.name) == ["b.jpg", "pipe.jpg", "self.jpg"])
    #expect(source.leftOut.map { $0.reason.contains("leads nowhere") } == [true, false, true])
    #expect(source.notes == ["2 folders were met a second time through links and passed over (first: “loop”)"])
  }

  /// The other folders are not lost by one that is closed.
  @Test(.enabled(if: geteuid() != 0, "root may read every folder"))
  func aFolderThatCannotBeReadIsTold() throws {
    let place = try TemporaryDirectory()
    for name in ["a/1.jpg", "b/2.jpg"] {
      try makeDirectory(parentDirectory(of: place(name)))
      try writeAtomically("x".utf8, to: place(name))
    }
    #expect(chmod(place("b"), 0) == 0)
    defer { chmod(place("b"), 0o755) }
    let source = try FolderSource(path: place.path)
    #expect(source.names == ["a/1.jpg"] && source.leftOut.map(\.name) == ["b"])
    #expect(source.leftOut.first?.reason.contains("cannot be read (Permission denied)") == true)
  }

  @Test func whatSystemsLeaveBehindIsCounted() throws {
    let place = try TemporaryDirectory()
    for name in ["a.jpg", ".DS_Store", "__MACOSX/._a.jpg", "d/Thumbs.db", "d/.git/config", "d/.git/refs/x"] {
      try makeDirectory(parentDirectory(of: place(name)))
      try writeAtomically("x".utf8, to: place(name))
    }
    let source = try FolderSource(path: place.path)
    #expect(source.names == ["a.jpg"] && source.leftOut == [])
    let words = "5 hidden files, or such as systems leave behind, were passed over (first: “"
    #expect(source.notes.count == 1 && source.notes[0].hasPrefix(words))
  }

  @Test func aFileIsNoFolder() throws {
    let place = try TemporaryDirectory()
    try writeAtomically(RawZip([.init("a.jpg")]).encoded(), to: place("photos.zip"))
    let error = #expect(throws: ArchiveError.self) { try FolderSource(path: place("photos.zip")) }
    #expect(error?.exitCode == .missingInput)
    #expect(error?.description.contains("--archive \(place("photos.zip"))") == true)
    #expect(throws: FileError.self) { try FolderSource(path: place("nowhere")) }
  }

  /// Also where the names are joined to those of other sources.
  @Test func joinedSourcesPassTheWordOn() throws {
    let place = try TemporaryDirectory()
    try makeDirectory(place("f"))
    try writeAtomically("one".utf8, to: place("f/a.jpg"))
    try replaceLink(place("f/b.jpg"), target: "nowhere.jpg")
    try writeAtomically(RawZip([.init("d\\c.jpg")]).encoded(), to: place("photos.zip"))
    let source = try JoinedSource([place("f"), place("photos.zip")].map { ($0, try openSource($0)) })
    #expect(source.names == ["a.jpg", "d/c.jpg"] && source.leftOut.map(\.name) == ["b.jpg"])
    #expect(
      source.notes == ["photos.zip: 1 name holds backslashes, which were read as slashes (“d\\c.jpg”)"])
  }
}
