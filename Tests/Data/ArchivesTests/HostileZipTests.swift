import Archives
import Files
import Reporting
import TestSupport
import Testing

/// Every archive here is refused as a whole, with bad data's exit code and a sentence that names the entry.
@Suite struct HostileZipTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// The refusal's sentence.
  private func refusal(
    _ bytes: [UInt8], limits: ArchiveLimits = .init(), location: SourceLocation = #_sourceLocation
  ) throws -> String {
    let path = try scratch.file("hostile.zip", bytes)
    let error = #expect(throws: ArchiveError.self, sourceLocation: location) {
      let reader = try ZipReader(path: path, limits: limits)
      for entry in reader.entries { _ = try reader.read(entry) }
    }
    #expect(error?.exitCode == .badData, sourceLocation: location)
    return error?.description ?? ""
  }

  @Test(arguments: [
    "../x", "a/../../x", "/etc/passwd", "C:x", "c:/x", "\\b", "..\\x", "a\\..\\..\\x", "C:\\x", "\\\\host\\x",
    "./../x", "./C:x", ".//../x", ".\\/..\\x", "//x", "a\u{0}b", "a\u{1B}[2Jb", "a\nb", "..", ".", "", "a/..",
    "a\u{9B}2Jb", String(repeating: "n/", count: 140) + "n", String(repeating: "n", count: 300),
    "../out-evil/x", "\u{7F}",
  ])
  func namesThatLeadAstray(name: String) throws {
    let text = try refusal(RawZip([.init("fine.jpg"), .init(name)]).encoded())
    #expect(text.contains("refused") || text.contains("damaged"))
    #expect(!text.contains("\u{1B}") && !text.contains("\n"))
  }

  @Test func aNameThatAnExtraFieldReplaces() throws {
    // Info-ZIP's Unicode path field 0x7075 (version, CRC of the name, other name), spliced into both headers.
    let field = [1] + word32(Int(crc32(Array("ok".utf8)))) + Array("../evil".utf8)
    let extra = word16(0x7075) + word16(field.count) + field
    var entry = RawZip.Entry("ok", [])
    entry.flags = 0
    var bytes = RawZip([entry]).encoded()
    let directory = 32
    bytes.replaceSubrange(directory + 30..<directory + 32, with: word16(extra.count))
    bytes.insert(contentsOf: extra, at: directory + 48)
    let end = bytes.count - 22
    bytes.replaceSubrange(end + 12..<end + 16, with: word32(48 + extra.count))
    bytes.replaceSubrange(28..<30, with: word16(extra.count))
    bytes.insert(contentsOf: extra, at: 32)
    bytes.replaceSubrange(bytes.count - 6..<bytes.count - 2, with: word32(32 + extra.count))
    #expect(try refusal(bytes).contains("upwards"))
  }

  @Test(arguments: [(0o120777, "symbolic link"), (0o020666, "device"), (0o010644, "pipe"), (0o104755, "rights")])
  func kindsOfFiles(mode: Int, word: String) throws {
    var entry = RawZip.Entry("link", Array("/etc/passwd".utf8))
    entry.mode = mode
    #expect(try refusal(RawZip([entry]).encoded()).contains(word))
  }

  @Test func overlappingEntries() throws {
    var second = RawZip.Entry("a")
    second.sharing = 0
    let text = try refusal(RawZip([.init("a"), second]).encoded())
    #expect(text.contains("one name") || text.contains("share bytes"))

    // A quine-like pair: the first entry's data hold the second entry's local header and data.
    let inner = RawZip([.init("b", [9, 9])]).encoded()
    let header = Array(inner[..<33])
    var bytes = RawZip([.init("a", header), .init("b", [9, 9])]).encoded()
    let record = bytes.count - 22 - 47
    bytes.replaceSubrange(record + 42..<record + 46, with: word32(31))
    #expect(try refusal(bytes).contains("share bytes"))
  }

  @Test func bombs() throws {
    let zeros = [UInt8](repeating: 0, count: 3 << 20)
    let writer = try ZipWriter(path: scratch.file("bomb.zip"))
    try writer.add(name: "zeros", bytes: zeros, store: false)
    try writer.finish()
    let bomb = try readFile(scratch.file("bomb.zip"))
    #expect(try refusal(bomb).contains("expands more than 200 times"))

    var limits = ArchiveLimits()
    limits.maximumRatio = 2000
    limits.maximumTotalBytes = 2 << 20
    #expect(try refusal(bomb, limits: limits).contains("expands to more than"))
    limits.maximumEntryBytes = 1 << 20
    #expect(try refusal(bomb, limits: limits).contains("more than 1048576"))
  }

  /// The header says 10 bytes, the data expand to 3,000: what is written counts, not what is claimed.
  @Test func aHeaderThatUnderstatesItsSize() throws {
    let writer = try ZipWriter(path: scratch.file("a.zip"))
    try writer.add(name: "a", bytes: .init(repeating: 7, count: 3000), store: false)
    try writer.finish()
    let honest = try readFile(scratch.file("a.zip"))
    let reader = try ZipReader(path: scratch.file("a.zip"))
    var entry = RawZip.Entry("a", .init(repeating: 7, count: 3000))
    let start = 31
    entry.packed = Array(honest[start..<start + reader.entries[0].packedSize])
    entry.method = 8
    #expect(try ZipReader(path: scratch.file("b.zip", RawZip([entry]).encoded())).entries.count == 1)
    for size in [10, 2999, 3001] {
      entry.size = size
      #expect(try refusal(RawZip([entry]).encoded()).contains("bytes than its header says"))
    }
  }

  @Test func checksums() throws {
    var entry = RawZip.Entry("a.jpg", Array("some bytes".utf8))
    entry.checksum = 42
    #expect(try refusal(RawZip([entry]).encoded()).contains("CRC"))
  }

  @Test(arguments: [
    ("é.jpg", "e\u{301}.jpg"), ("a", "a/b"), ("x/y", "x"), ("a", "a/\u{301}b"),
  ])
  func clashingNames(first: String, second: String) throws {
    let text = try refusal(RawZip([.init(first), .init(second, [4, 5])]).encoded())
    #expect(text.contains("one name"))
  }

  @Test func encryptionAndExoticCompression() throws {
    for flag in [1, 0x40, 0x2000] {
      var entry = RawZip.Entry("secret")
      entry.flags |= flag
      #expect(try refusal(RawZip([entry]).encoded()).contains("encryption (1 of 1 entries)"))
    }
    let kinds = [
      (1, "shrink"), (6, "implode"), (9, "Deflate64"), (12, "bzip2"), (14, "LZMA"), (93, "Zstandard"), (95, "XZ"),
      (98, "PPMd"), (77, "method 77"),
    ]
    for (method, name) in kinds {
      var entry = RawZip.Entry("odd")
      entry.method = method
      let text = try refusal(RawZip([.init("fine"), entry]).encoded())
      #expect(text.contains("compression by \(name) (1 of 2 entries) is not supported"))
    }
  }

  /// All that has to be packed again is named at once. Python packs bzip2 and LZMA by itself.
  @Test(.enabled(if: hasPython, "python3 is not here"))
  func allThatIsNotSupportedIsListed() throws {
    let script = """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1], 'w') as z:
        z.writestr('a.txt', 'a' * 999)
        z.writestr('b.txt', 'b' * 999, zipfile.ZIP_BZIP2)
        z.writestr('c.txt', 'c' * 999, zipfile.ZIP_LZMA)
        z.writestr('d.txt', 'd' * 999, zipfile.ZIP_LZMA)
      """
    _ = try python(script, scratch.file("a.zip"))
    let text = try refusal(readFile(scratch.file("a.zip")))
    #expect(text.contains("“b.txt”: compression by bzip2 (1 of 4 entries), compression by LZMA (2 of 4 entries)"))
  }

  /// Fifield's way (woot19): every entry's data begin with a stored block that quotes the next entry's local header, so
  /// that all entries expand one shared kernel. Python's own reader takes such an archive.
  @Test(.enabled(if: hasPython, "python3 is not here"))
  func aBombOfQuotedOverlaps() throws {
    let script = """
      import struct, sys, zlib
      z = zlib.compressobj(9, zlib.DEFLATED, -15)
      plain = b'a' * 100000
      kernel = z.compress(plain) + z.flush()
      def local(name, data, size, crc):
        return struct.pack('<IHHHHHIIIHH', 0x04034B50, 20, 0, 8, 0, 0x21, crc, len(data), size, len(name), 0) + name
      entries, tail, text = [], kernel, plain
      for i in reversed(range(20)):
        name = b'%02d' % i
        header = local(name, tail, len(text), zlib.crc32(text))
        entries.insert(0, (name, len(tail), len(text), zlib.crc32(text), len(header) + len(tail)))
        last = header + tail
        tail = b'\\0' + struct.pack('<HH', len(header), len(header) ^ 0xFFFF) + header + tail
        text = header + text
      body = last
      out, directory = body, b''
      for name, packed, size, crc, span in entries:
        directory += struct.pack('<IHHHHHHIIIHHHHHII', 0x02014B50, 20, 20, 0, 8, 0, 0x21, crc, packed, size, len(name),
          0, 0, 0, 0, 0, len(body) - span) + name
      out += directory + struct.pack('<IHHHHIIH', 0x06054B50, 0, 0, len(entries), len(entries), len(directory),
        len(body), 0)
      open(sys.argv[1], 'wb').write(out)
      import zipfile
      print(zlib.crc32(zlib.decompress(tail[tail.index(kernel):], -15)) == zlib.crc32(plain))
      """
    #expect(try python(script, scratch.file("bomb.zip")) == "True\n")
    #expect(try refusal(readFile(scratch.file("bomb.zip"))).contains("share bytes"))
  }

  /// 42.zip's way: sixteen archives of sixteen archives of zeros. They are files like others.
  @Test func aBombInManyLayers() throws {
    func layer(_ name: String, _ bytes: [UInt8]) throws -> [UInt8] {
      let writer = try ZipWriter(path: scratch.file("layer.zip"))
      for i in 0..<16 { try writer.add(name: "\(name) \(i).zip", bytes: bytes, store: false) }
      try writer.finish()
      return try readFile(scratch.file("layer.zip"))
    }
    let bomb = try layer("book", layer("chapter", layer("page", .init(repeating: 0, count: 100_000))))
    let path = try scratch.file("42.zip", bomb)
    let reader = try ZipReader(path: path)
    #expect(reader.entries.count == 16 && reader.entries.allSatisfy { $0.size < 100_000 })
    try extract(path, to: scratch.file("out"))
    #expect(try directoryEntries(scratch.file("out")).allSatisfy { $0.hasSuffix(".zip") })
  }

  /// Sixty-four bits that say what the rest of the file contradicts.
  @Test(.enabled(if: hasPython, "python3 is not here"))
  func liesInZip64() throws {
    let script = """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1], 'w') as z:
        for i in range(65540): z.writestr('%d' % i, b'')
      """
    _ = try python(script, scratch.file("long.zip"))
    let honest = try readFile(scratch.file("long.zip"))
    #expect(try ZipReader(path: scratch.file("long.zip")).entries.count == 65540)
    let (record, locator) = (honest.count - 22 - 20 - 56, honest.count - 22 - 20)
    let changes: [(Int, [UInt8])] = [
      (locator + 8, [0xFF]),  // where the record lies
      (locator + 8, .init(repeating: 0xFF, count: 8)), (locator + 8, word64(record - 1)),
      (locator, [0]),  // no locator at all
      (record, [0]),  // no record
      (record + 32, word32(65539)), (record + 32, word32(65541)), (record + 32, .init(repeating: 0xFF, count: 8)),
      (record + 32, word32(0)),
      (record + 40, word32(0)), (record + 40, .init(repeating: 0x7F, count: 8)),  // the directory's size
      (record + 48, word32(1)), (record + 48, .init(repeating: 0xFF, count: 8)),  // and its offset
    ]
    for (place, bytes) in changes {
      var lying = honest
      lying.replaceSubrange(place..<place + bytes.count, with: bytes)
      #expect(try !refusal(lying).isEmpty)
    }
  }

  /// Sizes of an entry in its zip64 field: whole ones are read, cut and lying ones are not.
  @Test(.enabled(if: hasPython, "python3 is not here"))
  func liesInAnEntrysZip64Field() throws {
    let script = """
      import sys, zipfile
      with zipfile.ZipFile(sys.argv[1], 'w') as z:
        with z.open('a', 'w', force_zip64=True) as f: f.write(b'y' * 1000)
      """
    _ = try python(script, scratch.file("a.zip"))
    var bytes = try readFile(scratch.file("a.zip"))
    let local = try ZipReader(path: scratch.file("a.zip"))
    #expect(try local.read(local.entries[0]).count == 1000)
    // The directory's sizes become all ones, and a zip64 field there holds them.
    let directory = try #require(bytes.indices.first { bytes[$0...].starts(with: word32(0x0201_4B50)) })
    func field(_ size: Int, _ packed: Int) -> [UInt8] {
      word16(1) + word16(16) + word32(size) + word32(0) + word32(packed) + word32(0)
    }
    bytes.replaceSubrange(directory + 20..<directory + 28, with: [UInt8](repeating: 0xFF, count: 8))
    bytes.replaceSubrange(directory + 30..<directory + 32, with: word16(20))
    let end = bytes.count - 22
    bytes.replaceSubrange(end + 12..<end + 16, with: word32(end - directory + 20))
    func archive(_ field: [UInt8]) -> [UInt8] {
      var copy = bytes
      copy.insert(contentsOf: field, at: directory + 47)
      return copy
    }
    let good = try ZipReader(path: scratch.file("good.zip", archive(field(1000, 1000))))
    #expect(try good.read(good.entries[0]).count == 1000)
    for (size, packed) in [(1001, 1000), (999, 1000), (1000, 999), (1000, 0x7FFF_FFFF), (0x7FFF_FFFF, 1000)] {
      #expect(try !refusal(archive(field(size, packed))).isEmpty)
    }
    #expect(try refusal(archive(word16(2) + word16(16) + [UInt8](repeating: 0, count: 16))).contains("zip64"))
    #expect(try refusal(archive(word16(1) + word16(8) + [UInt8](repeating: 0, count: 16))).contains("zip64"))
    #expect(try refusal(archive(word16(1) + word16(99) + [UInt8](repeating: 0xFF, count: 16))).contains("range"))
  }

  /// The end record's own fields, each wrong in turn.
  @Test func liesInTheEndRecord() throws {
    let honest = RawZip([.init("a"), .init("b", [4])]).encoded()
    let end = honest.count - 22
    for (place, value) in [
      (4, word16(1)), (6, word16(1)), (8, word16(1)), (10, word16(1)), (10, word16(9)), (12, word32(0)),
      (12, word32(9999)), (16, word32(0)), (16, word32(honest.count)), (20, word16(1)), (0, [0x51]),
    ] {
      var lying = honest
      lying.replaceSubrange(end + place..<end + place + value.count, with: value)
      #expect(try !refusal(lying).isEmpty)
    }
    #expect(try !refusal(honest + honest.suffix(22)).isEmpty)
  }

  /// Files and folders beside the target whose names begin like the target's stay as they are.
  @Test func siblingsOfTheTarget() throws {
    try makeDirectory(scratch.file("out-evil"))
    for name in ["../out-evil/x", "../out/../out-evil/x", scratch.file("out-evil/x"), "a/../../out-evil/x"] {
      let path = try scratch.file("sibling.zip", RawZip([.init("fine"), .init(name)]).encoded())
      #expect(throws: ArchiveError.self) { try extract(path, to: scratch.file("out")) }
    }
    #expect(try directoryEntries(scratch.file("out-evil")).isEmpty)
    #expect(try directoryEntries(scratch.path) == ["out-evil", "sibling.zip"])
  }

  @Test func moreThanExpected() throws {
    let path = try scratch.file("a.zip", RawZip([.init("a", .init(repeating: 1, count: 301))]).encoded())
    let error = #expect(throws: ArchiveError.self) {
      try ZipReader(path: path, limits: ArchiveLimits(expectedBytes: 100))
    }
    #expect(error?.description.contains("more than 300 bytes") == true)
    #expect(try ZipReader(path: path, limits: ArchiveLimits(expectedBytes: 101)).entries.count == 1)
  }

  @Test func headersThatDisagree() throws {
    var entry = RawZip.Entry("evil.exe")
    entry.localName = Array("good.jpg".utf8)
    #expect(try refusal(RawZip([entry]).encoded()).contains("disagree"))
    var archive = RawZip([.init("a"), .init("b")])
    archive.count = 1
    #expect(try refusal(archive.encoded()).contains("has 2 entries where its end says 1"))
    archive.count = 3
    #expect(try refusal(archive.encoded()).contains("is not what lies before its end"))
    archive.count = 0xFFFF
    #expect(try refusal(archive.encoded()).contains("zip64"))
  }

  /// Cut anywhere, an archive is refused and never crashes; the same with any byte of its headers turned over, where
  /// it may also still be valid.
  @Test func everyCutAndEveryFlip() throws {
    let bytes = RawZip([.init("a", [1, 2]), .init("b/c", [3])]).encoded()
    for length in 0..<bytes.count { _ = try refusal(Array(bytes[..<length])) }
    for place in bytes.indices {
      for bit in [0, 3, 7] {
        var damaged = bytes
        damaged[place] ^= 1 << bit
        let path = try scratch.file("flipped.zip", damaged)
        do {
          let reader = try ZipReader(path: path)
          for entry in reader.entries { #expect(try reader.read(entry).count == entry.size) }
        } catch is ArchiveError {}
      }
    }
  }

  @Test func whatIsNoArchiveIsNamed() throws {
    #expect(try refusal(Array("<!DOCTYPE html><title>404".utf8)).contains("web page"))
    #expect(try refusal([]).contains("empty file"))
    #expect(try refusal([0xFF, 0xD8, 0xFF, 0xE0]).contains("JPEG"))
    #expect(throws: FileError.self) { try ZipReader(path: scratch.file("nowhere.zip")) }
  }

  /// A zip in a zip is one entry of bytes.
  @Test func nestedArchivesStayClosed() throws {
    let inner = RawZip([.init("deep")]).encoded()
    let path = try scratch.file("outer.zip", RawZip([.init("inner.zip", inner)]).encoded())
    let reader = try ZipReader(path: path)
    #expect(reader.entries.map(\.name) == ["inner.zip"])
    #expect(try reader.read(reader.entries[0]) == inner)
  }
}
