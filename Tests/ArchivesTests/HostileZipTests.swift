import Archives
import Files
import Reporting
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
    "../x", "a/../../x", "/etc/passwd", "C:x", "c:/x", "a\\b", "..\\x", "a\u{0}b", "a\u{1B}[2Jb", "a\nb", "a//b",
    "./a", "..", ".", "", String(repeating: "n", count: 300), "../out-evil/x", "\u{7F}",
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
    entry.size = 10
    #expect(try refusal(RawZip([entry]).encoded()).contains("damaged"))
  }

  @Test func checksums() throws {
    var entry = RawZip.Entry("a.jpg", Array("some bytes".utf8))
    entry.checksum = 42
    #expect(try refusal(RawZip([entry]).encoded()).contains("CRC"))
  }

  @Test(arguments: [("a.jpg", "a.jpg"), ("a.jpg", "A.JPG"), ("é.jpg", "e\u{301}.jpg"), ("a", "a/b"), ("x/y", "X")])
  func clashingNames(first: String, second: String) throws {
    let text = try refusal(RawZip([.init(first), .init(second, [4, 5])]).encoded())
    #expect(text.contains("one name"))
  }

  @Test func encryptionAndExoticCompression() throws {
    var entry = RawZip.Entry("secret")
    entry.flags |= 1
    #expect(try refusal(RawZip([entry]).encoded()).contains("encryption"))
    entry.flags = 0x800
    entry.method = 14
    #expect(try refusal(RawZip([entry]).encoded()).contains("compression method 14"))
  }

  @Test func headersThatDisagree() throws {
    var entry = RawZip.Entry("evil.exe")
    entry.localName = Array("good.jpg".utf8)
    #expect(try refusal(RawZip([entry]).encoded()).contains("disagree"))
    var archive = RawZip([.init("a"), .init("b")])
    archive.count = 1
    #expect(try refusal(archive.encoded()).contains("directory has bytes"))
    archive.count = 3
    #expect(try refusal(archive.encoded()).contains("damaged"))
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
