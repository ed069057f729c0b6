import Archives
import Files
import Reporting
import TestSupport
import Testing

/// Tars that GNU tar and Python read, plain and gzipped alike: the same files, the same words.
@Suite struct SoundTarTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch(inMemory: true) }

  /// Files and notes, which are the same in both forms, also when a tree is found that an earlier run has unpacked.
  private func read(_ tar: [UInt8], _ location: SourceLocation = #_sourceLocation) throws -> (
    [String: [UInt8]], [String]
  ) {
    let plain = try openSource(scratch.file("a.tar", tar))
    let path = try scratch.file("a.tar.gz", gzip(tar))
    for _ in 0..<2 {
      let unpacked = try openSource(path, unpacking: UnpackingDirectory(scratch.file("unpacked")))
      #expect(unpacked.names == plain.names && unpacked.notes == plain.notes, sourceLocation: location)
      for name in plain.names {
        #expect(try unpacked.read(name) == plain.read(name), sourceLocation: location)
        #expect(unpacked.size(name) == plain.size(name), sourceLocation: location)
      }
    }
    try UnpackingDirectory(scratch.file("unpacked")).remove()
    #expect(!fileExists(scratch.file("unpacked")), sourceLocation: location)
    return (Dictionary(uniqueKeysWithValues: try plain.names.map { ($0, try plain.read($0)) }), plain.notes)
  }

  private func read(_ entries: [RawTar.Entry]) throws -> ([String: [UInt8]], [String]) {
    try read(RawTar(entries).encoded())
  }

  @Test func aVolumesLabel() throws {
    let (files, notes) = try read([.init("photos 2019", [], type: "V"), .init("a", [1])])
    #expect(files == ["a": [1]] && notes == [])
  }

  /// GNU's incremental archives list a folder's files in the place of the folder.
  @Test func listsOfFolders() throws {
    let list = RawTar.Entry("d/", Array("Ya\u{0}\u{0}".utf8), type: "D")
    #expect(try read([list, .init("d/a", [1]), list]) == (["d/a": [1]], []))
  }

  @Test func aFileThatIsAppendedAgain() throws {
    let long = [UInt8](repeating: 7, count: 3000)
    let (files, notes) = try read([
      .init("a", [1]), .init("b", long), .init("./a", [2, 2]), .init("b", []), .init("d/", [], type: "5"),
      .init("d/", [], type: "5"), .init("a", long),
    ])
    #expect(files == ["a": long, "b": []])
    #expect(notes == ["3 files come again under their names; the last one counts (first: “a”)"])
  }

  /// A link has the bytes that its target had at that place of the archive; names may be long and come in pax headers.
  @Test func hardLinks() throws {
    let deep = String(repeating: "folder/", count: 20) + "a"
    let (files, notes) = try read([
      .init("a", [1]), .init("b", [], type: "1", target: "a"), .init("c", [], type: "1", target: "./b"),
      .init("a", [2]),
      .init("././@LongLink", Array(deep.utf8) + [0], type: "L"), .init("cut", [3]),
      .init("././@LongLink", Array(deep.utf8) + [0], type: "K"), .init("d", [], type: "1", target: "cut"),
      .pax([("linkpath", deep)]), .init("e", [], type: "1", target: "cut"),
      .init("d", [], type: "1", target: "d"),
    ])
    #expect(files == ["a": [2], "b": [1], "c": [1], deep: [3], "d": [3], "e": [3]])
    #expect(notes.count == 2 && notes[0].hasPrefix("2 files come again"))
    #expect(notes[1].hasPrefix("5 hard links were taken as copies of the files that they name (first: “b”)"))
  }

  /// Links make bytes out of none: they count.
  @Test func linksCountAgainstTheLimits() throws {
    let many = (0..<300).map { RawTar.Entry("l\($0)", [], type: "1", target: "a") }
    let tar = RawTar([.init("a", .init(repeating: 9, count: 10_000))] + many).encoded()
    var limits = ArchiveLimits()
    limits.maximumTotalBytes = 1_000_000
    let plain = try scratch.file("a.tar", tar)
    #expect(throws: ArchiveError.self) { try TarReader(path: plain, limits: limits) }
    #expect(try TarReader(path: plain).entries.count == 301)
    let packed = try scratch.file("a.tar.gz", gzip(tar, isPacked: true))
    #expect(throws: ArchiveError.self) { try extract(packed, to: scratch.file("out")) }
    #expect(!fileExists(scratch.file("out")) && !fileExists(scratch.file("out.partial")))
  }

  @Test func howATarMayEnd() throws {
    var tar = RawTar([.init("a", [1])])
    let garbage = Array("behind".utf8)
    for (end, word) in [
      ([UInt8](repeating: 0, count: 512), nil), ([UInt8](repeating: 0, count: 10_240), nil),
      ([UInt8](repeating: 0, count: 1000), nil), ([], "no end mark"), ([0, 0, 0], "no end mark"),
      ([UInt8](repeating: 0, count: 1024) + garbage, "6 bytes follow the tar archive's end mark"),
      ([UInt8](repeating: 0, count: 512) + RawTar([.init("b", [2])]).encoded(), "2048 bytes follow"),
    ] as [([UInt8], String?)] {
      tar.end = end
      let (files, notes) = try read(tar.encoded())
      #expect(files == ["a": [1]] && notes.count == (word == nil ? 0 : 1))
      #expect(notes.first?.contains(word ?? "") ?? true)
    }
  }

  @Test func namesThatAreTidied() throws {
    let (files, notes) = try read([
      .init("./", [], type: "5"), .init(".", [], type: "5"), .init("./a", [1]), .init("d//b", [2]), .init("d/./c", [3]),
      .init("d/.", [], type: "5"), .init("w\\x.jpg", [4]),
    ])
    #expect(files == ["a": [1], "d/b": [2], "d/c": [3], "w/x.jpg": [4]])
    #expect(notes == ["1 name holds backslashes, which were read as slashes (“w\\x.jpg”)"])
  }

  /// Before POSIX: no magic word, and a folder is a file of no bytes whose name ends in a slash.
  @Test func headersOfVersion7() throws {
    var bytes = RawTar([.init("d/", [], type: "\u{0}"), .init("d/a", [1], type: "\u{0}")]).encoded()
    for header in [0, 512] {
      for place in 257..<265 { bytes[header + place] = 0 }
      let sum = (0..<512).reduce(0) { $0 + ((148..<156).contains($1) ? 0x20 : Int(bytes[header + $1])) }
      let text = String(sum, radix: 8)
      bytes.replaceSubrange(
        header + 148..<header + 156,
        with: Array((String(repeating: " ", count: 6 - text.count) + text).utf8) + [0, 0x20])
    }
    #expect(try read(bytes) == (["d/a": [1]], []))
  }

  /// Sizes in binary, and sums of bytes that were taken for signed.
  @Test func numbersOfOtherKinds() throws {
    var bytes = RawTar([.init("é", [1, 2])]).encoded()
    bytes.replaceSubrange(124..<136, with: [0x80] + [UInt8](repeating: 0, count: 10) + [2])
    func seal(_ sum: Int) {
      bytes.replaceSubrange(
        148..<156,
        with: Array((String(repeating: "0", count: 6 - String(sum, radix: 8).count) + String(sum, radix: 8)).utf8) + [
          0, 0x20,
        ])
    }
    let block = (0..<512).map { (148..<156).contains($0) ? UInt8(0x20) : bytes[$0] }
    seal(block.reduce(0) { $0 + Int($1) })
    #expect(try read(bytes) == (["é": [1, 2]], []))
    seal(block.reduce(0) { $0 + Int(Int8(bitPattern: $1)) })
    #expect(try read(bytes) == (["é": [1, 2]], []))
    // A number of more than 56 bits is no size.
    bytes.replaceSubrange(124..<136, with: [0x80, 1] + [UInt8](repeating: 0, count: 10))
    let path = try scratch.file("wide.tar", bytes)
    #expect(throws: ArchiveError.self) { try TarReader(path: path) }
  }

  /// Keys that say nothing about names, sizes or links; zeros that fill up a header.
  @Test func paxHeaders() throws {
    var padded = RawTar.Entry.pax([("mtime", "1.5"), ("path", "a"), ("SCHILY.xattr.user.x", "1")])
    padded.bytes += [0, 0, 0]
    let (files, notes) = try read([
      .pax([("comment", "f00"), ("hdrcharset", "BINARY")], type: "g"), padded, .init("cut", [1]),
      RawTar.Entry.pax([("path", "b")], type: "X"), .init("cut", [2]),
    ])
    #expect(files == ["a": [1], "b": [2]] && notes == [])
  }
}
