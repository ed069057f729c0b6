import Archives
import Files
import Reporting
import TestSupport
import Testing

/// Every tar here is refused, plain and gzipped, with bad data's exit code and a sentence that names the reason, and
/// nothing of it stays on the disk.
@Suite struct HostileTarTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch(inMemory: true) }

  /// The refusal's sentence.
  private func refusal(
    _ tar: [UInt8], limits: ArchiveLimits = .init(), location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let plain = try scratch.file("hostile.tar", tar)
    let error = #expect(throws: ArchiveError.self, sourceLocation: location) {
      try TarReader(path: plain, limits: limits)
    }
    #expect(error?.exitCode == .badData, sourceLocation: location)
    let packed = try refusalOfGzip(gzip(tar), limits: limits, location: location)
    try removeTree(plain)
    // What gets as far as the headers is refused with the same words.
    let (first, second) = (error?.description ?? "", packed.replacing("hostile.tar.gz", with: "hostile.tar"))
    #expect(first == second, sourceLocation: location)
    return first
  }

  private func refusalOfGzip(
    _ bytes: [UInt8], limits: ArchiveLimits = .init(), location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let path = try scratch.file("hostile.tar.gz", bytes)
    let error = #expect(throws: ArchiveError.self, sourceLocation: location) {
      try extract(path, to: scratch.file("out"), limits: limits)
    }
    #expect(error?.exitCode == .badData, sourceLocation: location)
    try removeTree(path)
    let left = try directoryEntries(scratch.path).filter { $0 != "hostile.tar" && $0 != "outside" }
    #expect(left.isEmpty, "nothing may stay", sourceLocation: location)
    return error?.description ?? ""
  }

  static let names = [
    "../x", "a/../../x", "/etc/passwd", "C:x", "c:/x", "\\b", "..\\x", "a\\..\\..\\x", "\\\\host\\x",
    "./../x", "./C:x", "a\u{1B}[2Jb", "a\u{9B}2Jb", "a\nb", "..", ".", "../out-evil/x", "../out.partial-evil/x",
    "\u{7F}", String(repeating: "n/", count: 140) + "n",
    String(repeating: String(repeating: "d", count: 31) + "/", count: 64) + "n",
  ]

  /// In the header itself, in a pax header and in GNU's header for long names.
  @Test(arguments: names)
  func namesThatLeadAstray(name: String) throws {
    let fine = RawTar.Entry("fine.jpg")
    if name.utf8.count <= 100 {
      #expect(try refusal(RawTar([fine, .init(name)]).encoded()).contains("unsafe name"))
    }
    #expect(try refusal(RawTar([fine, .pax([("path", name)]), .init("b")]).encoded()).contains("unsafe name"))
    let long = RawTar.Entry("././@LongLink", Array(name.utf8) + [0], type: "L")
    let text = try refusal(RawTar([fine, long, .init("b")]).encoded())
    #expect(text.contains("unsafe name") && !text.contains("\u{1B}") && !text.contains("\n"))
  }

  @Test func aNULInAName() throws {
    #expect(try refusal(RawTar([.pax([("path", "a\u{0}b")]), .init("c")]).encoded()).contains("NUL"))
  }

  /// A directory beside the target whose name begins like the target's stays as it is.
  @Test func siblingsOfTheTarget() throws {
    try makeDirectory(scratch.file("outside"))
    for name in ["../outside/x", "../out/../outside/x", scratch.file("outside/x")] {
      #expect(try refusal(RawTar([.pax([("path", name)]), .init("b")]).encoded()).contains("unsafe name"))
    }
    #expect(try directoryEntries(scratch.file("outside")).isEmpty)
  }

  @Test(
    arguments: [
      ("1", "hard link"), ("2", "symbolic link"), ("3", "device"), ("4", "device"), ("6", "pipe"), ("S", "holes"),
      ("Q", "unknown kind"),
    ] as [(Character, String)])
  func kindsOfFiles(type: Character, word: String) throws {
    let text = try refusal(RawTar([.init("a"), .init("b", [], type: type)]).encoded())
    #expect(text.contains(word) && text.contains("only regular files") && text.contains("--images"))
  }

  /// A hard link is a file only where it names one that came before it.
  @Test(arguments: ["", "b", "later", "d", "../a", "/etc/passwd", "A", "a\u{1B}[2J"])
  func linksToWhatIsNoEarlierFile(target: String) throws {
    let link = RawTar.Entry("b", [], type: "1", target: target)
    let text = try refusal(RawTar([.init("a"), .init("d/", [], type: "5"), link, .init("later")]).encoded())
    #expect(text.contains("is a hard link to “") && !text.contains("\u{1B}"))
    let bytes = RawTar.Entry("b", [1], type: "1", target: "a")
    #expect(try refusal(RawTar([.init("a"), bytes]).encoded()).contains("bytes of its own"))
    let long = RawTar.Entry("././@LongLink", Array(target.utf8) + [0], type: "K")
    #expect(try refusal(RawTar([.init("a"), long, .init("file")]).encoded()).contains("link"))
  }

  @Test func rightsLinksAndHoles() throws {
    for mode in [0o4755, 0o2755, 0o6755] {
      #expect(try refusal(RawTar([.init("a", mode: mode)]).encoded()).contains("rights"))
    }
    #expect(try refusal(RawTar([.pax([("linkpath", "/etc")]), .init("a")]).encoded()).contains("a link"))
    let sparse = RawTar.Entry.pax([("GNU.sparse.major", "1"), ("path", "a")])
    #expect(try refusal(RawTar([sparse, .init("b")]).encoded()).contains("holes"))
    for key in ["path", "size", "linkpath"] {
      let all = RawTar.Entry.pax([(key, "1")], type: "g")
      #expect(try refusal(RawTar([all, .init("b")]).encoded()).contains("all entries"))
    }
    #expect(try refusal(RawTar([.init("d", [1], type: "5")]).encoded()).contains("directory with bytes"))
    for name in ["d/", "d/.", "d\\", "d//"] {
      #expect(try refusal(RawTar([.init(name, [1])]).encoded()).contains("it names a directory"))
    }
  }

  @Test(arguments: [
    ("é.jpg", "e\u{301}.jpg"), ("a", "a/b"), ("x/y", "x"), ("a", "a/\u{301}b"),
  ])
  func clashingNames(first: String, second: String) throws {
    #expect(try refusal(RawTar([.init(first), .init(second)]).encoded()).contains("one name"))
  }

  @Test func moreThanTheLimits() throws {
    let tar = RawTar((0..<5).map { .init("\($0)", .init(repeating: 9, count: 1000)) }).encoded()
    var limits = ArchiveLimits()
    limits.maximumEntries = 4
    #expect(try refusal(tar, limits: limits).contains("more than 4 entries"))
    limits = ArchiveLimits()
    limits.maximumEntryBytes = 999
    #expect(try refusal(tar, limits: limits).contains("1000 bytes, more than 999"))
    limits = ArchiveLimits()
    limits.maximumTotalBytes = 4999
    let path = try scratch.file("a.tar", tar)
    #expect(throws: ArchiveError.self) { try TarReader(path: path, limits: limits) }
    try removeTree(path)
    #expect(try refusalOfGzip(gzip(tar), limits: limits).contains("more than 4999 bytes"))
    // A header that announces more than there is, and more than a disk holds.
    var long = RawTar.Entry("a")
    long.size = 5000
    #expect(try refusal(RawTar([long]).encoded()).contains("ends early"))
    #expect(try refusal(RawTar([.pax([("size", "999999999999999")]), .init("a")]).encoded()).contains("more than"))
    #expect(try refusal(RawTar([.pax([("size", "99999999999999999999")]), .init("a")]).encoded()).contains("number"))
    #expect(try refusal(RawTar([.pax([("size", "-1")]), .init("a")]).encoded()).contains("number"))
  }

  /// What a manifest expects decides: more than three times that is refused.
  @Test func moreThanExpected() throws {
    let tar = RawTar([.init("a", .init(repeating: 9, count: 30_000))]).encoded()
    let limits = ArchiveLimits(expectedBytes: 10_000)
    #expect(limits.maximumTotalBytes == 30_000 && ArchiveLimits(expectedBytes: .max) == ArchiveLimits())
    #expect(try refusalOfGzip(gzip(tar), limits: limits).contains("more than 30000 bytes"))
    let path = try scratch.file("a.tar.gz", gzip(tar))
    try extract(path, to: scratch.file("out"), limits: ArchiveLimits(expectedBytes: 11_000))
  }

  @Test func bombs() throws {
    let zeros = RawTar([.init("zeros", .init(repeating: 0, count: 4 << 20))]).encoded()
    #expect(try refusalOfGzip(gzip(zeros, isPacked: true)).contains("more than 200 times"))
    // The same behind the end mark, where no entry is.
    var hidden = RawTar([.init("a")])
    hidden.end = .init(repeating: 0, count: 4 << 20)
    #expect(try refusalOfGzip(gzip(hidden.encoded(), isPacked: true)).contains("more than 200 times"))
    // And in an extended header, which is held in memory.
    let wide = RawTar([.init("PaxHeaders/x", .init(repeating: 0x20, count: 3 << 20), type: "x"), .init("a")])
    #expect(try refusal(wide.encoded()).contains("extended header"))
  }

  @Test func damage() throws {
    var broken = RawTar.Entry("b")
    broken.checksum = 1
    #expect(try refusal(RawTar([.init("a"), broken]).encoded()).contains("header cannot be read"))
    #expect(try refusal(RawTar([.init("a"), .pax([("path", "b")])]).encoded()).contains("entry that is missing"))
    var endless = RawTar([.init("a")])
    endless.end = [7]
    #expect(try refusal(endless.encoded()).contains("a header is cut off"))
    for records in ["5 a=b\n", "99 a=b\n", "6_a=b\n", "6 a=bc", "x", "-1 a=b\n", "5 abc\n"] {
      let pax = RawTar.Entry("PaxHeaders/x", Array(records.utf8), type: "x")
      #expect(try refusal(RawTar([pax, .init("a")]).encoded()).contains("pax header cannot be read"))
    }
    #expect(try refusalOfGzip(gzip(Array("{\"images\": []}".utf8))).contains("JSON, gzipped"))
    #expect(try refusalOfGzip(gzip([])).contains("an empty file, gzipped"))
  }
}
