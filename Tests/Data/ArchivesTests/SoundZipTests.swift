import Archives
import Files
import Reporting
import TestSupport
import Testing

/// Zips that unzip, 7-Zip and Python call sound, laid down byte by byte as other programs write them.
@Suite struct SoundZipTests {
  let scratch: Scratch
  private let text = Array("some bytes".utf8)

  init() throws { scratch = try Scratch(inMemory: true) }

  private func read(
    _ zip: RawZip, encoding: NameEncoding? = nil
  ) throws -> (names: [String], bytes: [[UInt8]], notes: [String]) {
    let reader = try ZipReader(path: scratch.file("a.zip", zip.encoded()), encoding: encoding)
    return (reader.entries.map(\.name), try reader.entries.map(reader.read), reader.notes)
  }

  private func refusal(_ zip: RawZip) throws -> String {
    let path = try scratch.file("refused.zip", zip.encoded())
    let error = #expect(throws: ArchiveError.self) { try ZipReader(path: path) }
    #expect(error?.exitCode == .badData)
    return error?.description ?? ""
  }

  private func entry(_ name: String = "a.jpg", flags: Int = 0, local: [Int]? = nil) -> RawZip.Entry {
    var entry = RawZip.Entry(name, text)
    (entry.flags, entry.localNumbers) = (flags, local)
    return entry
  }

  private var sum: Int { Int(crc32(text)) }

  private func descriptor(signed: Bool, wide: Bool) -> [UInt8] {
    let sizes = wide ? word64(text.count) + word64(text.count) : word32(text.count) + word32(text.count)
    return (signed ? word32(0x0807_4B50) : []) + word32(sum) + sizes
  }

  /// Checksum, packed size, size in the local header: nothing known yet, the size known (bsdtar), all known.
  @Test(arguments: [[0, 0, 0], [0, 0, 10], [0, 10, 10], [-1, 10, 10]], [true, false])
  func writtenToAPipe(local: [Int], signed: Bool) throws {
    let numbers = [local[0] < 0 ? sum : 0] + local[1...]
    for behind in [descriptor(signed: signed, wide: true), descriptor(signed: signed, wide: false), []] {
      var first = entry(flags: 8, local: numbers)
      first.behind = behind
      let found = try read(RawZip([first, entry("b", flags: 8)]))
      #expect(found.names == ["a.jpg", "b"] && found.bytes == [text, text] && found.notes == [])
    }
    // Without the mark of a pipe the same is a lie.
    if numbers != [sum, 10, 10] {
      #expect(try refusal(RawZip([entry(local: numbers)])).contains("header and the directory disagree"))
    }
    let other = numbers.enumerated().map { $0.offset == 2 ? 11 : $0.element }
    #expect(try refusal(RawZip([entry(flags: 8, local: other)])).contains("disagree"))
  }

  /// Sizes of 64 bits in the local header, known or not, as Python and Info-ZIP write them to a pipe.
  @Test func wideSizesInTheLocalHeader() throws {
    let full = 0xFFFF_FFFF
    func field(_ size: Int, _ packed: Int) -> [UInt8] { word16(1) + word16(16) + word64(size) + word64(packed) }
    for (flags, numbers, extra) in [
      (8, [0, full, full], field(0, 0)), (8, [0, full, full], []), (0, [sum, full, full], field(10, 10)),
      (8, [sum, full, full], field(10, 10)),
    ] {
      var wide = entry(flags: flags, local: numbers)
      wide.localExtra = extra
      #expect(try read(RawZip([wide])).bytes == [text])
    }
    for extra in [field(11, 10), field(10, 9), field(0, 0), []] {
      var wide = entry(local: [sum, full, full])
      wide.localExtra = extra
      #expect(try refusal(RawZip([wide])).contains("disagree"))
    }
  }

  @Test func namesThatAreTidied() throws {
    let raw = RawZip(
      ["./", "./photos/a.jpg", "photos//b.jpg", "photos/./c.jpg", ".//d/.//e.jpg"].map {
        RawZip.Entry($0, $0.hasSuffix("/") ? [] : text)
      })
    let found = try read(raw)
    #expect(found.names == ["photos/a.jpg", "photos/b.jpg", "photos/c.jpg", "d/e.jpg"] && found.notes == [])
  }

  /// Compress-Archive of PowerShell 5 and others; the names count as they are in the end.
  @Test(arguments: [0, 3, 10])
  func backslashesAreSeparators(host: Int) throws {
    let raw = RawZip(
      ["photos\\", "photos\\a.jpg", "photos/b\\c.jpg", ".\\d.jpg"].map {
        var entry = RawZip.Entry($0, $0.hasSuffix("\\") ? [] : text)
        entry.host = host
        entry.mode = host == 3 && $0.hasSuffix("\\") ? 0o040755 : 0
        return entry
      })
    let found = try read(raw)
    #expect(found.names == ["photos/a.jpg", "photos/b/c.jpg", "d.jpg"])
    #expect(found.notes == ["4 names hold backslashes, which were read as slashes (first: “photos\\”)"])
    #expect(try refusal(RawZip([.init("a\\b"), .init("a/b/c")])).contains("one name"))
  }

  @Test func whatComesAgain() throws {
    let folders = RawZip([.init("d/", []), .init("d/a"), .init("d/", []), .init("D/", [])])
    #expect(try read(folders).names == ["d/a"] && read(folders).notes == [])
    let files = try read(RawZip([.init("a", [1]), .init("b"), .init("./a", [2, 2]), .init("a", [3])]))
    #expect(files.names == ["b", "a"] && files.bytes == [[1, 2, 3], [3]])
    #expect(files.notes == ["2 files come again under their names; the last one counts (first: “a”)"])
  }

  /// unzip and Python say the same of such files, and 7-Zip of those behind.
  @Test func bytesAroundTheArchive() throws {
    var raw = RawZip([entry(), entry("b")])
    raw.comment = word32(0x0605_4B50) + Array("no end record".utf8)
    let whole = raw.encoded()
    raw.prefix = Array("#!/bin/sh\nexit 0\n".utf8)
    for (bytes, word) in [
      (whole + [0], nil), (whole + [UInt8](repeating: 0, count: 70_000), nil),
      (whole + [7, 0], "1 bytes that stand behind"),
      (whole + Array("<!-- served by x -->\n".utf8), "21 bytes that stand behind"),
      (raw.encoded(), "17 bytes that stand before"), (whole + whole, "\(whole.count) bytes that stand before"),
    ] as [([UInt8], String?)] {
      let reader = try ZipReader(path: scratch.file("a.zip", bytes))
      #expect(try reader.entries.map(reader.read) == [text, text])
      #expect(reader.notes.count == (word == nil ? 0 : 1) && reader.notes.first?.contains(word ?? "") ?? true)
      #expect(try openSource(scratch.file("a.zip")).names == ["a.jpg", "b"])
    }
  }

  /// The last end record is cut from its archive, or its directory is elsewhere.
  @Test func endRecordsOfNothing() throws {
    let whole = RawZip([entry()]).encoded()
    let path = try scratch.file("a.zip", whole + whole.suffix(22))
    #expect(throws: ArchiveError.self) { try ZipReader(path: path) }
    let junk = try scratch.file("b.zip", whole.dropLast(22) + word32(0x0605_4B50) + [UInt8](repeating: 1, count: 300))
    #expect(throws: ArchiveError.self) { try ZipReader(path: junk) }
  }

  /// Programs that know no zip64 count modulo 65,536.
  @Test func moreEntriesThanTheEndCanCount() throws {
    for (entries, said) in [(65_535, 65_535), (65_539, 3)] {
      var raw = RawZip((0..<entries).map { .init("\($0)", []) })
      raw.count = said
      var bytes = raw.encoded()
      #expect(try ZipReader(path: scratch.file("a.zip", bytes)).entries.count == entries)
      bytes.replaceSubrange(bytes.count - 14..<bytes.count - 10, with: word16(said - 1) + word16(said - 1))
      let path = try scratch.file("b.zip", bytes)
      let error = #expect(throws: ArchiveError.self) { try ZipReader(path: path) }
      #expect(error?.description.contains("where its end says \(said - 1)") == true)
    }
  }

  /// Fields of which nothing is wanted, and padding that is too short for one, as some programs align data with.
  @Test func strangeExtraFields() throws {
    for extra in [[0], [0, 0, 0], word16(0x5455) + word16(99) + [1, 2], word16(0x9999) + word16(0), [1, 2, 3, 4, 5]] {
      var odd = entry()
      (odd.extra, odd.localExtra) = (extra, extra)
      #expect(try read(RawZip([odd])).bytes == [text])
    }
  }

  /// Only one of the headers marks the name as UTF-8, or only one has it in UTF-8.
  @Test func headersThatAgreeInOtherBytes() throws {
    var mark = entry("é.jpg", flags: 0x800)
    mark.localName = Array("é.jpg".utf8)
    #expect(try read(RawZip([mark])).names == ["é.jpg"])
    mark.localName = [0x82] + Array(".jpg".utf8)  // code page 437
    #expect(try read(RawZip([mark])).names == ["é.jpg"])
    var folder = entry("d/a.jpg")
    folder.localName = Array("d\\a.jpg".utf8)
    #expect(try read(RawZip([folder])).names == ["d/a.jpg"])
    folder.localName = Array("d\\b.jpg".utf8)
    #expect(try refusal(RawZip([folder])).contains("disagree about its name"))
  }

  /// A folder with bytes would lose them.
  @Test func foldersHaveNoBytes() throws {
    #expect(try refusal(RawZip([.init("d/", [1])])).contains("directory with bytes"))
    var packed = RawZip.Entry("d/", [])
    (packed.method, packed.packed) = (8, [3, 0])  // Java deflates nothing into two bytes
    #expect(try read(RawZip([packed, entry()])).names == ["a.jpg"])
  }
}
