import TestSupport

/// Archives that `prepare` refuses as a whole.
let zipCases: [MalformedCase] =
  entryNameCases + entryKindCases + zipSizeCases + zipStructureCases + otherFileCases

private func archive(
  _ what: String, _ key: String, _ code: Int32 = 65, file: String = "a.zip", _ bytes: @escaping @Sendable () -> [UInt8]
) -> MalformedCase {
  MalformedCase(
    "archive: " + what, ["prepare", "--archive", "IN/" + file, "--output", "IN/prepared"], code, key
  ) { try $0.write(bytes(), to: file) }
}

private func entry(
  _ what: String, _ key: String, _ name: String = "a.jpg", _ change: @escaping @Sendable (inout RawZip.Entry) -> Void
) -> MalformedCase {
  archive(what, key) {
    var entry = RawZip.Entry(name)
    change(&entry)
    return RawZip([.init("captions.txt", Array("image,caption\na.jpg,a dog\n".utf8)), entry]).encoded()
  }
}

private let entryNameCases: [MalformedCase] =
  [
    ("a name upwards", "../x", "it leads upwards"), ("a name upwards later on", "a/../../x", "it leads upwards"),
    ("an absolute name", "/etc/passwd", "it is absolute"), ("a drive letter", "C:x", "drive letter"),
    ("a small drive letter", "c:/x", "drive letter"), ("a drive letter behind a dot", "./C:x", "drive letter"),
    ("a backslash upwards", "..\\x", "it leads upwards"),
    ("backslashes upwards later on", "a\\..\\..\\x", "it leads upwards"), ("a NUL", "a\u{0}b", "NUL byte"),
    ("an escape code in a name", "a\u{1B}[2Jb", "control character"),
    ("a line feed in a name", "a\nb", "control character"),
    ("upwards behind a dot", "./../x", "it leads upwards"), ("two slashes", "//x", "it is absolute"),
    ("two dots", "..", "it leads upwards"), ("one dot", ".", "it is empty"), ("no name", "", "it is empty"),
    ("a name of 300 bytes", String(repeating: "n", count: 300), "more than 255 bytes"),
    ("a name of 5000 bytes", String(repeating: "n/", count: 2500) + "n", "more than 2048 bytes"),
    ("a sibling of the same beginning", "../in-evil/file", "it leads upwards"),
    ("a delete character", "\u{7F}", "control"),
    ("a share of another machine", "\\\\host\\x", "it is absolute"),
  ].map { what, name, key in entry(what, key, name) { _ in } }
  + [
    archive("a name that is one by another system's slashes", "are one name") {
      RawZip([.init("a\\\u{E9}.jpg"), .init("a/e\u{301}.jpg", [4])]).encoded()
    },
    archive("two spellings of one letter", "are one name") {
      RawZip([.init("\u{E9}.jpg"), .init("e\u{301}.jpg", [4])]).encoded()
    },
    archive("a file that is a folder too", "are one name") { RawZip([.init("a"), .init("a/b", [4])]).encoded() },
  ]

private let entryKindCases: [MalformedCase] = [
  entry("a symbolic link", "a symbolic link") { $0.mode = 0o120777 },
  entry("a device", "a device") { $0.mode = 0o020666 },
  entry("a block device", "a device") { $0.mode = 0o060666 },
  entry("a pipe", "a device, a pipe") { $0.mode = 0o010644 },
  entry("a socket", "a socket") { $0.mode = 0o140644 },
  entry("a file with its user's rights", "rights") { $0.mode = 0o104755 },
  entry("a file with its group's rights", "rights") { $0.mode = 0o102755 },
  entry("a folder under a file's name", "a directory under a file's name") { $0.mode = 0o040755 },
  entry("an encrypted entry", "encryption (1 of 2 entries) is not supported") { $0.flags |= 1 },
  entry("strong encryption", "encryption (1 of 2 entries) is not supported") { $0.flags |= 0x41 },
  entry("LZMA", "compression by LZMA (1 of 2 entries)") { $0.method = 14 },
  entry("AES", "encryption (1 of 2 entries) is not supported") { $0.method = 99 },
]

private let zipSizeCases: [MalformedCase] = [
  entry("an entry of more than a gibibyte", "more than 1073741824") { entry in
    entry.method = 8
    entry.size = 2 << 30
  },
  entry("an entry that expands a thousand times", "expands more than 200 times") { entry in
    entry.method = 8
    entry.size = 3 << 20
  },
  entry("a stored entry of two sizes", "its two sizes differ") { $0.size = 17 },
  entry("a checksum that does not hold", "CRC") { $0.checksum = 42 },
  entry("deflate that is none", "a.jpg") { entry in
    entry.method = 8
    entry.packed = [0xFF, 0xFF, 0xFF, 0xFF]
  },
  archive("entries that share bytes", "share bytes") {
    let inner = Array(RawZip([.init("b.jpg", [9, 9])]).encoded().prefix(37))
    var bytes = RawZip([.init("a.jpg", inner), .init("b.jpg", [9, 9])]).encoded()
    let record = bytes.count - 22 - 51
    bytes.replaceSubrange(record + 42..<record + 46, with: word32(35))
    return bytes
  },
  archive("500,001 entries", "500001 entries, more than 500000") {
    var end = word32(0x0605_4B50) + word32(0) + word16(0xFFFF) + word16(0xFFFF) + word32(0xFFFF_FFFF)
    end += word32(0xFFFF_FFFF) + word16(0)
    let entries = [UInt8](repeating: 0, count: 46 * 500_001)
    var record = word32(0x0606_4B50) + word64(44) + word16(45) + word16(45) + word32(0) + word32(0)
    record += word64(500_001) + word64(500_001) + word64(entries.count) + word64(0)
    let locator = word32(0x0706_4B50) + word32(0) + word64(entries.count) + word32(1)
    return entries + record + locator + end
  },
]

private let sound = RawZip([.init("a.jpg"), .init("b.jpg", [4])])

private let zipStructureCases: [MalformedCase] = [
  archive("no end record", "a zip file cut short") { Array(sound.encoded().dropLast(22)) },
  archive("an end record cut short", "a zip file cut short") { Array(sound.encoded().dropLast(1)) },
  archive("an end record behind the end", "a.zip") { sound.encoded() + sound.encoded().suffix(22) },
  archive("the beginning is missing", "a.zip") { Array(sound.encoded().dropFirst(10)) },
  archive("fewer entries than there are", "has 2 entries where its end says 1") { sound.with(count: 1) },
  archive("more entries than there are", "its directory is not what lies before its end record") {
    sound.with(count: 3)
  },
  archive("no entries, says the end", "has 2 entries where its end says 0") { sound.with(count: 0) },
  archive("zip64 without its record", "its zip64 record is missing") { sound.with(count: 0xFFFF) },
  archive("names that disagree", "disagree") {
    var entry = RawZip.Entry("evil.exe")
    entry.localName = Array("good.jpg".utf8)
    return RawZip([entry]).encoded()
  },
  archive("one part of several", "an archive in several parts") {
    var bytes = sound.encoded()
    bytes[bytes.count - 18] = 1
    return bytes
  },
  archive("a directory outside", "its directory is not what lies before its end record") {
    var bytes = sound.encoded()
    bytes.replaceSubrange(bytes.count - 6..<bytes.count - 2, with: word32(0x7FFF_FFFF))
    return bytes
  },
  archive("a directory longer than the file", "its directory is not what lies before its end record") {
    var bytes = sound.encoded()
    bytes.replaceSubrange(bytes.count - 10..<bytes.count - 6, with: word32(0x7FFF_FFFF))
    return bytes
  },
  archive("a local header elsewhere", "local header is not where") {
    var bytes = sound.encoded()
    let record = bytes.count - 22 - 51
    bytes.replaceSubrange(record + 42..<record + 46, with: word32(7))
    return bytes
  },
  archive("the middle overwritten", "a.zip") {
    var bytes = sound.encoded()
    for place in 30..<70 { bytes[place] = 0 }
    return bytes
  },
]

private let otherFileCases: [MalformedCase] =
  [
    ("an empty file", [], "an empty file"), ("a web page", Array("<!DOCTYPE html><title>404".utf8), "a web page"),
    ("JSON", Array(#"{"error":"gone"}"#.utf8), "JSON"), ("a photo", [0xFF, 0xD8, 0xFF, 0xE0], "a JPEG"),
    ("a pickle", [0x80, 0x02, 0x63], "a Python pickle"), ("bzip2", Array("BZh91AY".utf8), "bzip2"),
    ("RAR", Array("Rar!\u{1A}\u{7}".utf8), "RAR"), ("7-Zip", [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "7-Zip"),
    ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz"), ("Zstandard", [0x28, 0xB5, 0x2F, 0xFD, 0], "Zstandard"),
    ("parquet", Array("PAR1".utf8), "img2dataset"), ("zeros", [UInt8](repeating: 0, count: 10_240), "an empty tar"),
  ].map { what, bytes, key in archive("not one but " + what, key) { bytes } }
  + [
    archive("without photos", "holds no photos", 66) { RawZip([.init("readme.txt")]).encoded() },
    archive("with nothing in it", "no photos", 66) { RawZip([]).encoded() },
    MalformedCase(
      "archive: a zip as a folder", ["prepare", "--images", "IN/a.zip", "--output", "IN/prepared"], 66,
      "an archive is named with --archive"
    ) { try $0.write(RawZip([.init("a.jpg")]).encoded(), to: "a.zip") },
    MalformedCase(
      "archive: none there", ["prepare", "--archive", "IN/none.zip", "--output", "IN/prepared"], 66, "none.zip"
    ) { _ in },
  ]

extension RawZip {
  /// The file with this many entries by its end record.
  fileprivate func with(count: Int) -> [UInt8] {
    var other = self
    other.count = count
    return other.encoded()
  }
}
