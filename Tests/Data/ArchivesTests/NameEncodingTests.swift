import Archives
import Files
import Reporting
import TestSupport
import Testing

/// Names in the character sets of older systems.
@Suite struct NameEncodingTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch(inMemory: true) }

  /// What Python's codecs make of the words.
  private static let samples: [(encoding: NameEncoding, name: String, bytes: [UInt8])] = [
    (.shiftJIS, "写真/猫.jpg", [0x8E, 0xCA, 0x90, 0x5E, 0x2F, 0x94, 0x4C] + Array(".jpg".utf8)),
    (.shiftJIS, "ソ/表①.jpg", [0x83, 0x5C, 0x2F, 0x95, 0x5C, 0x87, 0x40] + Array(".jpg".utf8)),
    (.eucJP, "写真.jpg", [0xBC, 0xCC, 0xBF, 0xBF] + Array(".jpg".utf8)),
    (.gbk, "照片.jpg", [0xD5, 0xD5, 0xC6, 0xAC] + Array(".jpg".utf8)),
    (.big5, "功.jpg", [0xA5, 0x5C] + Array(".jpg".utf8)),
    (.eucKR, "사진.jpg", [0xBB, 0xE7, 0xC1, 0xF8] + Array(".jpg".utf8)),
    (.latin1, "café – 1.jpg", Array("caf".utf8) + [0xE9, 0x20, 0x96] + Array(" 1.jpg".utf8)),
    (.latin2, "łódź.jpg", [0xB3, 0xF3, 0x64, 0x9F] + Array(".jpg".utf8)),
    (.cyrillic, "фото.jpg", [0xF4, 0xEE, 0xF2, 0xEE] + Array(".jpg".utf8)),
    (.cyrillicDOS, "фото.jpg", [0xE4, 0xAE, 0xE2, 0xAE] + Array(".jpg".utf8)),
    (.western, "São.jpg", [0x53, 0xC6, 0x6F] + Array(".jpg".utf8)),
    (.cp437, "Ångström.jpg", [0x8F] + Array("ngstr".utf8) + [0x94] + Array("m.jpg".utf8)),
  ]

  /// In a zip, a tar and a gzipped tar alike.
  @Test(arguments: samples.indices)
  func namesAreReadAsSaid(place: Int) throws {
    let sample = Self.samples[place]
    var (zipped, tarred) = (RawZip.Entry("", [1]), RawTar.Entry("", [1]))
    (zipped.name, zipped.flags, tarred.name) = (sample.bytes, 0, sample.bytes)
    let tar = RawTar([tarred, .init("plain", [2])]).encoded()
    let archives = [RawZip([zipped, .init("plain", [2])]).encoded(), tar, try gzip(tar)]
    for bytes in archives {
      let unpacking = UnpackingDirectory(scratch.file("unpacked"))
      let path = try scratch.file("a", bytes)
      let source = try openSource(path, encoding: sample.encoding, unpacking: unpacking)
      #expect(source.names == [sample.name, "plain"].sorted(by: byteOrder))
      #expect(try source.read(sample.name) == [1])
      let words = "1 name is not in UTF-8 and was read as \(sample.encoding.rawValue) (“\(sample.name)”)"
      #expect(source.notes == [words])
      // Another reading of the same archive is another tree.
      let guess = try openSource(path, unpacking: unpacking)
      #expect(guess.names.count == 2 && guess.notes.first?.contains("were read as CP437") == false)
      #expect(guess.notes.first?.contains("was read as CP437") == true)
      #expect(guess.notes.first?.contains("--name-encoding") == true)
      try unpacking.remove()
      #expect(!fileExists(unpacking.path))
    }
  }

  /// Taken by position: what a name is read as decides nothing about the bytes.
  @Test func withoutAWordTheyAreGuessed() throws {
    let names: [[UInt8]] = [[0x83, 0x5C, 0x31], [0x83, 0x4D, 0x31], [0x81], [0xFF, 0xFE]]
    let raw = RawZip(
      names.enumerated().map { place, name in
        var entry = RawZip.Entry("", [UInt8(place)])
        (entry.name, entry.flags) = (Array("d/".utf8) + name + Array(".jpg".utf8), 0)
        return entry
      })
    let source = try openSource(scratch.file("a.zip", raw.encoded()))
    #expect(source.names == ["d/â＼1.jpg", "d/âM1.jpg", "d/ü.jpg", "d/\u{A0}■.jpg"].sorted(by: byteOrder))
    #expect(try source.read("d/ü.jpg") == [2] && source.read("d/â＼1.jpg") == [0])
    #expect(
      source.notes.first?.hasPrefix("4 names are not in UTF-8 and were read as CP437 (first: “d/â＼1.jpg”)") == true)
  }

  /// Python's table of code page 437, byte by byte.
  @Test(.enabled(if: hasPython, "python3 is not here"))
  func everyByteOfCodePage437() throws {
    var entry = RawZip.Entry("", [1])
    (entry.name, entry.flags) = (Array(0x80...0xBF) + [0x2F] + Array(0xC0...0xFF), 0)
    let reader = try ZipReader(path: scratch.file("a.zip", RawZip([entry]).encoded()), encoding: .cp437)
    let word = try python("import sys; sys.stdout.buffer.write(bytes(range(128, 256)).decode('cp437').encode())")
    #expect(reader.entries.first.map { $0.name.replacing("/", with: "") } == word)
  }

  /// A name that the set does not have is guessed, and that is told.
  @Test func namesThatDoNotFit() throws {
    var entry = RawZip.Entry("", [1])
    (entry.name, entry.flags) = ([0x61, 0xFD, 0xFF], 0)
    let reader = try ZipReader(path: scratch.file("a.zip", RawZip([entry]).encoded()), encoding: .shiftJIS)
    #expect(reader.entries.first?.name == "a²\u{A0}")
    #expect(reader.notes.first?.contains("as they are no text in shift-jis") == true)
  }

  /// The rules hold for what a name is in the end.
  @Test(
    arguments: [
      ([0x2E, 0x2E, 0x5C, 0x83, 0x4D], "upwards"), ([0x2F, 0x83, 0x4D], "absolute"),
      ([0x83, 0x4D, 0x2F, 0x2E, 0x2E], "upwards"),
      ([0x43, 0x3A, 0x83, 0x4D], "drive letter"), ([0x83, 0x4D, 0x0A], "control"), ([0x83, 0x4D, 0x00], "NUL"),
    ] as [([UInt8], String)])
  func theGatesHoldInEveryEncoding(name: [UInt8], word: String) throws {
    var entry = RawZip.Entry("", [1])
    (entry.name, entry.flags) = (name, 0)
    let path = try scratch.file("a.zip", RawZip([entry]).encoded())
    for encoding in [nil] + NameEncoding.allCases.map(Optional.some) {
      let error = #expect(throws: ArchiveError.self) { try ZipReader(path: path, encoding: encoding) }
      #expect(error?.description.contains(word) == true || error?.description.contains("unsafe name") == true)
    }
  }

  /// Info-ZIP's field with the name in UTF-8 counts where it was made for this name.
  @Test func theUnicodePathField() throws {
    func entry(_ sum: [UInt8], _ version: UInt8 = 1, _ unicode: String = "写真.jpg") -> RawZip.Entry {
      let field = [version] + word32(Int(crc32(sum))) + Array(unicode.utf8)
      var entry = RawZip.Entry("", [1])
      (entry.name, entry.flags) = ([0x8E, 0xCA, 0x90, 0x5E], 0)
      entry.extra = word16(0x7075) + word16(field.count) + field
      return entry
    }
    func names(_ entry: RawZip.Entry) throws -> [String] {
      try ZipReader(path: scratch.file("a.zip", RawZip([entry]).encoded())).entries.map(\.name)
    }
    let raw: [UInt8] = [0x8E, 0xCA, 0x90, 0x5E]
    #expect(try names(entry(raw)) == ["写真.jpg"])
    #expect(try names(entry([1])) == ["Ä╩É^"] && names(entry(raw, 2)) == ["Ä╩É^"])
    #expect(throws: ArchiveError.self) { try names(entry(raw, 1, "../x")) }
    #expect(throws: ArchiveError.self) { try names(entry(raw, 1, "d/")) }
  }
}
