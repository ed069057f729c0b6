import Archives
import Files
import Foundation
import Reporting
import Synchronization
import TestSupport
import Testing

@Suite struct ExtractionTests {
  let scratch: Scratch
  let files: [(name: String, bytes: [UInt8])]

  init() throws {
    scratch = try Scratch(inMemory: true)
    files = (0..<12).map { i in
      // To Swift a slash with an accent behind it is one character, and no slash.
      (
        "set/\(i % 3)/\(i == 7 ? "\u{301}" : "")file \(i)",
        (0..<(i * 40_000)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 9 &+ i) }
      )
    }
  }

  private var out: String { scratch.file("out") }

  private static let kinds = ["zip", "tar", "tar.gz"]

  private func archive(_ kind: String) throws -> String {
    let path = scratch.file("set." + kind)
    if kind == "zip" {
      let writer = try ZipWriter(path: path)
      for file in files { try writer.add(name: file.name, bytes: file.bytes, store: file.name.hasSuffix("1")) }
      try writer.finish()
      return path
    }
    let tar = RawTar(files.map { .init($0.name, $0.bytes) }).encoded()
    return try scratch.file("set." + kind, kind == "tar" ? tar : gzip(tar, isPacked: true))
  }

  /// All files are there, with their bytes and nothing else.
  private func expectWhole(_ location: SourceLocation = #_sourceLocation) throws {
    let source = try FolderSource(path: out)
    #expect(source.names == files.map(\.name).sorted(by: byteOrder), sourceLocation: location)
    for file in files { #expect(try source.read(file.name) == file.bytes, sourceLocation: location) }
    #expect(!fileExists(out + ".partial"), sourceLocation: location)
  }

  /// `IMG.JPG` and `IMG.jpg` are two files, in place and unpacked; where a file system makes one of them, that is said.
  @Test func namesThatDifferInCase() throws {
    let both = [("d/IMG.JPG", [1]), ("d/IMG.jpg", [2]), ("D/IMG.jpg", [3])] as [(String, [UInt8])]
    let tar = RawTar(both.map { .init($0.0, $0.1) }).encoded()
    let zip = RawZip(both.map { .init($0.0, $0.1) }).encoded()
    for path in [try scratch.file("a.tar", tar), try scratch.file("a.zip", zip)] {
      let source = try openSource(path)
      #expect(source.names == ["D/IMG.jpg", "d/IMG.JPG", "d/IMG.jpg"])
      for (name, bytes) in both { #expect(try source.read(name) == bytes) }
    }
    let packed = try scratch.file("a.tar.gz", gzip(tar, isPacked: true))
    try extract(packed, to: out)
    #expect(try FolderSource(path: out).names == ["D/IMG.jpg", "d/IMG.JPG", "d/IMG.jpg"])
    let error = #expect(throws: ArchiveError.self) {
      try extract(packed, to: scratch.file("elsewhere"), foldsCase: true)
    }
    #expect(error?.description.contains("“d/IMG.JPG” and “d/IMG.jpg” are one name") == true)
    #expect(try directoryEntries(scratch.path).allSatisfy { !$0.hasPrefix("elsewhere") })
  }

  @Test(arguments: kinds)
  func everyKindGivesTheSameTree(kind: String) throws {
    var steps: [(Int, Int)] = []
    try extract(archive(kind), to: out) { steps.append(($0, $1)) }
    try expectWhole()
    #expect(steps.count == files.count + 1 && steps.last.map { $0 == $1 } == true)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.0 <= $1.0 && $0.1 == $1.1 })
    var status = stat()
    #expect(stat(out + "/" + files[0].name, &status) == 0 && status.st_mode & 0o7777 == 0o644)
    // A second time there is nothing to do, whatever has become of the archive.
    _ = try scratch.file("set." + kind, [1, 2, 3])
    try extract(scratch.file("set." + kind), to: out)
  }

  /// Dies at each call that changes the disk in turn, cleaning up included; the next try gives the same tree.
  @Test(arguments: kinds)
  func diesAtEveryCall(kind: String) throws {
    let archive = try archive(kind)
    var calls = 0
    for survived in 0..<10_000 {
      let counter = Counter()
      do {
        try withDiskHook(
          DiskHook { _, path in if counter.next() > survived { throw FileError.missing(path: path) } }
        ) { _ = try extract(archive, to: out) }
        calls = survived
        break
      } catch is FileError {}
      let count = fileExists(out) ? try FolderSource(path: out).names.count : files.count
      #expect(count == files.count, "whole or not there")
      try extract(archive, to: out)
      try expectWhole()
      try removeTree(out)
    }
    #expect(calls > 3 * files.count)
  }

  /// What was decided is known to the run that finds the tree, wherever the one before died.
  @Test func theNotesAreKept() throws {
    let tar = RawTar([.init("a", [1]), .init("a", [2, 2]), .init("b", [], type: "1", target: "a")])
    let archive = try scratch.file("a.tar.gz", gzip(tar.encoded()))
    let notes = try TarReader(path: scratch.file("a.tar", tar.encoded())).notes
    #expect(notes.count == 2)
    for survived in 0..<10_000 {
      let counter = Counter()
      do {
        try withDiskHook(
          DiskHook { _, path in if counter.next() > survived { throw FileError.missing(path: path) } }
        ) { _ = try extract(archive, to: out) }
        break
      } catch is FileError {}
      #expect(try extract(archive, to: out) == notes && extract(archive, to: out) == notes)
      #expect(try readFile(out + "/a") == [2, 2] && readFile(out + "/b") == [2, 2])
      for path in [out, out + ".notes"] { try removeTree(path) }
    }
  }

  private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
      count.withLock {
        $0 += 1
        return $0
      }
    }
  }

  /// What is whole is not written again; what is short, long or different is.
  @Test(arguments: kinds)
  func onlyWhatIsMissingIsWritten(kind: String) throws {
    let archive = try archive(kind)
    let tree = out + ".partial/tree/"
    for file in files.dropLast(3) {
      try makeDirectory(parentDirectory(of: tree + file.name))
      try Data(file.bytes).write(to: URL(fileURLWithPath: tree + file.name))
    }
    try Data([1, 2, 3]).write(to: URL(fileURLWithPath: out + ".partial/unfinished"))
    try Data(files[4].bytes.dropLast(9)).write(to: URL(fileURLWithPath: tree + files[4].name))
    try Data(files[5].bytes + [0]).write(to: URL(fileURLWithPath: tree + files[5].name))
    var changed = files[6].bytes
    changed[changed.count - 1] ^= 1
    try Data(changed).write(to: URL(fileURLWithPath: tree + files[6].name))
    func node(_ path: String) -> UInt64 {
      var status = stat()
      return stat(path, &status) == 0 ? UInt64(status.st_ino) : 0
    }
    let before = files.map { node(tree + $0.name) }
    try extract(archive, to: out)
    try expectWhole()
    let after = files.map { node(out + "/" + $0.name) }
    #expect(files.indices.filter { before[$0] == after[$0] } == [0, 1, 2, 3, 7, 8])
  }

  /// Somebody puts a link where a file, a folder or the file that is being written should lie: what it points at stays.
  @Test(arguments: ["set/1/file 1", "set/1", "set", "../unfinished"])
  func linksInTheWayAreNotFollowed(place: String) throws {
    let archive = try archive("tar.gz")
    try makeDirectory(scratch.file("elsewhere"))
    _ = try scratch.file("elsewhere/file 1", Array("precious".utf8))
    let tree = out + ".partial/tree/"
    try makeDirectory(parentDirectory(of: tree + place))
    let isFile = place.hasSuffix("1/file 1") || place.hasSuffix("unfinished")
    try replaceLink(tree + place, target: scratch.file(isFile ? "elsewhere/file 1" : "elsewhere"))
    if place == "../unfinished" {
      try extract(archive, to: out)
      try expectWhole()
    } else {
      #expect(throws: FileError.self) { try extract(archive, to: out) }
    }
    #expect(try directoryEntries(scratch.file("elsewhere")) == ["file 1"])
    #expect(try readFile(scratch.file("elsewhere/file 1")) == Array("precious".utf8))
  }

  /// A file of four tebibytes, of which the disk holds next to nothing: the archive is a file with a hole.
  @Test func spaceIsCheckedFirst() throws {
    let size = 1 << 42
    let head = RawTar([.pax([("size", "\(size)")]), .init("huge", [])]).encoded().dropLast(1024)
    let path = try scratch.file("huge.tar", Array(head))
    guard truncate(path, off_t(head.count + size + 1024)) == 0 else { return }  // no such files on this file system
    var limits = ArchiveLimits()
    (limits.maximumEntryBytes, limits.maximumTotalBytes) = (size, size)
    let error = #expect(throws: ArchiveError.self) { try extract(path, to: out, limits: limits) }
    guard case .noSpace(_, _, size, _) = error else { throw error ?? ArchiveError.mustBeUnpacked(path: path) }
    #expect(error?.exitCode == .inputOutput && error?.description.contains("free some space") == true)
    #expect(!fileExists(out))
  }

  /// A full disk leaves what has been unpacked, and the next try goes on from there.
  @Test func aFullDisk() throws {
    let archive = try archive("tar.gz")
    let counter = Counter()
    let error = #expect(throws: FileError.self) {
      try withDiskHook(
        DiskHook { call, path in
          if call == "write", counter.next() > 6 { throw FileError.system(call: call, path: path, code: ENOSPC) }
        }
      ) { _ = try extract(archive, to: out) }
    }
    #expect(error?.exitCode == .inputOutput)
    #expect(try FolderSource(path: out + ".partial/tree").names.count >= 5)
    try extract(archive, to: out)
    try expectWhole()
  }

  @Test func sourcesOfEveryKind() throws {
    for kind in Self.kinds {
      let unpacking = UnpackingDirectory(scratch.file("unpacked"))
      let source = try openSource(archive(kind), unpacking: unpacking)
      #expect(source.names == files.map(\.name).sorted(by: byteOrder))
      for file in files {
        #expect(try source.read(file.name) == file.bytes && source.size(file.name) == file.bytes.count)
      }
      #expect(isDirectory(unpacking.path) == (kind == "tar.gz"))
      if kind == "tar.gz" {
        #expect(throws: FileError.self) {
          try openSource(scratch.file("set.tar.gz"), unpacking: UnpackingDirectory(unpacking.path))
        }
      }
      try unpacking.remove()
      #expect(!fileExists(unpacking.path))
    }
    let error = #expect(throws: ArchiveError.self) { try openSource(scratch.file("set.tar.gz")) }
    #expect(error?.description.contains("unpack it") == true && error?.exitCode == .badData)
    // First bytes decide, not the name.
    try moveFile(scratch.file("set.tar.gz"), to: scratch.file("photos.zip"))
    let unpacking = UnpackingDirectory(scratch.file("unpacked"))
    #expect(try openSource(scratch.file("photos.zip"), unpacking: unpacking).names.count == files.count)
  }

  /// What Python's tarfile makes, in all of its formats.
  @Test(
    .enabled(if: hasPython, "python3 is not here"), arguments: ["USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"])
  func pythonsTars(format: String) throws {
    let script = """
      import io, sys, tarfile
      with tarfile.open(sys.argv[1], 'w:gz', format=tarfile.\(format)) as t:
        for name in ['.', './dir']:
          d = tarfile.TarInfo(name); d.type = tarfile.DIRTYPE; d.mode = 0o2755; t.addfile(d)
        for name in ['./dir/a', 'é' * 60 if '\(format)' != 'USTAR_FORMAT' else 'b', '/'.join(['long'] * 30)]:
          i = tarfile.TarInfo(name); i.size = 5; i.mtime = 1.5; t.addfile(i, io.BytesIO(b'12345'))
      """
    _ = try python(script, scratch.file("a.tgz"))
    try extract(scratch.file("a.tgz"), to: out)
    let source = try FolderSource(path: out)
    let long = [String](repeating: "long", count: 30).joined(separator: "/")
    let second = format == "USTAR_FORMAT" ? "b" : String(repeating: "é", count: 60)
    #expect(source.names == ["dir/a", long, second].sorted(by: byteOrder))
    #expect(try source.names.allSatisfy { try source.read($0) == Array("12345".utf8) })
  }
}
