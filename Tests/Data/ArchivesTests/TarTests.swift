import Archives
import Files
import Reporting
import Testing

@Suite struct TarTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private let longName = String(repeating: "directory/", count: 30) + "photo-ü.jpg"

  @Test func offsetsPointAtTheBytes() throws {
    let contents: [(String, [UInt8])] = [
      ("000001.jpg", .init(repeating: 1, count: 700)), ("000001.json", Array("{}".utf8)), ("empty", []),
      ("exact", .init(repeating: 5, count: 512)), (String(repeating: "d/", count: 80) + "f", [7]), (longName, [8, 9]),
    ]
    let writer = try TarWriter(path: scratch.file("a.tar"))
    var offsets: [Int] = []
    for (name, bytes) in contents { offsets.append(try writer.add(name: name, bytes: bytes)) }
    let summary = try writer.finish()

    let whole = try readFile(scratch.file("a.tar"))
    #expect(summary.bytes == whole.count && summary.bytes % 512 == 0)
    #expect(summary.sha256 == sha256(whole))
    for (offset, content) in zip(offsets, contents) {
      #expect(Array(whole[offset...].prefix(content.1.count)) == content.1)
    }
    let reader = try TarReader(path: scratch.file("a.tar"))
    #expect(reader.entries.map(\.name) == contents.map(\.0))
    #expect(reader.entries.map(\.range.lowerBound) == offsets)
    #expect(reader.read(reader.entries[0]) == contents[0].1)
  }

  @Test(.enabled(if: hasPython, "python3 is not here"))
  func pythonReadsAndWritesTheSame() throws {
    let writer = try TarWriter(path: scratch.file("a.tar"))
    try writer.add(name: "k.jpg", bytes: [1, 2, 3])
    try writer.add(name: longName, bytes: [4])
    try writer.finish()
    let read = """
      import sys, tarfile
      t = tarfile.open(sys.argv[1])
      print([(m.name, list(t.extractfile(m).read()), oct(m.mode), m.mtime, m.offset_data) for m in t])
      """
    #expect(
      try python(read, scratch.file("a.tar"))
        == "[('k.jpg', [1, 2, 3], '0o644', 0, 512), ('\(longName)', [4], '0o644', 0, 2560)]\n")

    for format in ["USTAR_FORMAT", "GNU_FORMAT", "PAX_FORMAT"] {
      let write = """
        import io, sys, tarfile
        with tarfile.open(sys.argv[1], 'w', format=tarfile.\(format)) as t:
          d = tarfile.TarInfo('./dir'); d.type = tarfile.DIRTYPE; t.addfile(d)
          for name in ['./dir/a', 'é' * 60 if '\(format)' != 'USTAR_FORMAT' else 'b', '/'.join(['long'] * 30)]:
            i = tarfile.TarInfo(name); i.size = 5; i.mtime = 1.5; t.addfile(i, io.BytesIO(b'12345'))
        """
      _ = try python(write, scratch.file("\(format).tar"))
      let reader = try TarReader(path: scratch.file("\(format).tar"))
      #expect(reader.entries.count == 3 && reader.entries[0].name == "dir/a")
      #expect(reader.entries.last?.name == [String](repeating: "long", count: 30).joined(separator: "/"))
      #expect(reader.entries.allSatisfy { reader.read($0) == Array("12345".utf8) })
    }
  }

  @Test(
    .enabled(if: hasPython, "python3 is not here"),
    arguments: [
      "'../x'", "'/x'", "'a', type=tarfile.SYMTYPE, linkname='/etc'", "'a', type=tarfile.LNKTYPE, linkname='b'",
      "'a', type=tarfile.CHRTYPE", "'a', type=tarfile.FIFOTYPE", "'fine/below'",
      "'x' * 90 + '/../' + 'y' * 90",
    ])
  func hostileEntries(fields: String) throws {
    let script = """
      import io, sys, tarfile
      def entry(name, type=tarfile.REGTYPE, linkname=''):
        i = tarfile.TarInfo(name); i.type = type; i.linkname = linkname
        return i
      with tarfile.open(sys.argv[1], 'w') as t:
        t.addfile(entry('fine')); t.addfile(entry(\(fields)))
      """
    _ = try python(script, scratch.file("a.tar"))
    let error = #expect(throws: ArchiveError.self) { try TarReader(path: scratch.file("a.tar")) }
    #expect(error?.exitCode == .badData)
  }

  @Test func cutsAndFlips() throws {
    let writer = try TarWriter(path: scratch.file("a.tar"))
    try writer.add(name: "a", bytes: [1, 2, 3])
    try writer.add(name: "ü", bytes: [4])
    try writer.finish()
    let whole = try readFile(scratch.file("a.tar"))
    for length in stride(from: 0, through: whole.count - 1024, by: 64) {
      let path = try scratch.file("cut.tar", Array(whole[..<length]))
      if [1024, whole.count - 1024].contains(length) {  // between two files: as far as anyone can tell, whole
        #expect(try TarReader(path: path).notes.joined().contains("has no end mark"))
      } else {
        #expect(throws: ArchiveError.self) { try TarReader(path: path) }
      }
    }
    for place in stride(from: 0, to: whole.count - 1024, by: 3) {
      var damaged = whole
      damaged[place] ^= 0x11
      let path = try scratch.file("flipped.tar", damaged)
      do { _ = try TarReader(path: path) } catch is ArchiveError {}
    }
  }

  @Test func theWriterRefusesWhatNoReaderWouldTake() throws {
    let writer = try TarWriter(path: scratch.file("a.tar"))
    #expect(throws: ArchiveError.self) { try writer.add(name: "../a", bytes: [1]) }
    #expect(throws: FileError.self) { try TarWriter(path: scratch.file("a.tar")) }
  }
}
