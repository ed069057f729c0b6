import Files
import Foundation
import Images
import TestSupport
import Testing

/// Photos that cannot be decoded, each given to `match`, and a few to `prepare`.
let photoCases: [MalformedCase] =
  otherKindCases + sizeCases + codingCases + markerCases + damageCases + pngCases + webPCases + preparedPhotoCases

func photo(_ what: String, _ key: String, _ bytes: @escaping @Sendable () throws -> [UInt8]) -> MalformedCase {
  MalformedCase(
    "photo: " + what, ["match", "--model", "IN/model", "--image", "IN/a.jpg", "--text", "a dog"], 65, key
  ) { inputs in
    try inputs.copy(Fixtures.shared().model, to: "model")
    try inputs.write(bytes(), to: "a.jpg")
  }
}

/// One of the JPEG files of `Tests/Golden/images.json`.
private func golden(_ name: String) throws -> [UInt8] {
  struct Picture: Decodable {
    let name: String
    let jpeg: Data
  }
  struct File: Decodable { let jpeg: [Picture] }
  let file = try JSONDecoder().decode(File.self, from: Data(readFile(goldenDirectory + "/images.json")))
  return Array(try #require(file.jpeg.first { $0.name == name }).jpeg)
}

/// One of the files of `Tests/Golden/pictures.json`.
func golden(_ format: PictureFormat, _ name: String) throws -> [UInt8] {
  struct Picture: Decodable {
    let name: String
    let file: Data
  }
  struct File: Decodable { let png: [Picture], webp: [Picture] }
  let file = try JSONDecoder().decode(File.self, from: Data(readFile(goldenDirectory + "/pictures.json")))
  return Array(try #require((format == .png ? file.png : file.webp).first { $0.name == name }).file)
}

private let otherKindCases: [MalformedCase] =
  [
    ("nothing", [], "an empty file"), ("zeros", [0, 0, 0, 0], "no picture of a known kind"),
    ("GIF", Array("GIF89a..".utf8), "a GIF picture"),
    ("a web page", Array("<!DOCTYPE html><html>".utf8), "an HTML page"),
    ("a web page behind blanks", Array("\n  <HTML><body>".utf8), "an HTML page"),
    ("text", Array("Not found".utf8), "not a JPEG, PNG or WebP but text"),
    ("PDF", Array("%PDF-1.4".utf8), "a PDF document"),
    ("SVG", Array("<svg xmlns".utf8), "an SVG drawing"), ("AVIF", Array("\0\0\0\u{18}ftypavif".utf8), "HEIF or AVIF"),
    ("TIFF", [0x49, 0x49, 0x2A, 0, 8, 0, 0, 0], "a TIFF picture"), ("zip", [0x50, 0x4B, 3, 4, 0, 0], "a zip archive"),
    ("BMP", Array("BM".utf8) + [UInt8](repeating: 0, count: 20), "a BMP picture"),
    ("JPEG XL", [0xFF, 0x0A, 0], "JPEG XL"),
    ("JPEG 2000", [0, 0, 0, 12] + Array("jP  \r\n".utf8), "JPEG 2000"),
    ("text with an escape code", Array("\u{1B}[2J".utf8), "no picture of a known kind"),
  ].map { what, bytes, key in photo("not one but " + what, key) { bytes } }

/// Where the frame header's marker is.
private func frame(of bytes: [UInt8]) throws -> Int {
  try #require((0..<bytes.count - 9).first { bytes[$0] == 0xFF && [0xC0, 0xC1, 0xC2].contains(bytes[$0 + 1]) })
}

private func sized(_ width: Int, _ height: Int) throws -> [UInt8] {
  var bytes = try golden("baseline 4:2:0")
  let frame = try frame(of: bytes)
  bytes.replaceSubrange(
    frame + 5..<frame + 9, with: [height >> 8, height & 255, width >> 8, width & 255].map(UInt8.init))
  return bytes
}

private let sizeCases: [MalformedCase] = [
  photo("65,535 pixels a side", "65535x65535 pixels, more than the 50000000") { try sized(65_535, 65_535) },
  photo("one row of 65,535 too many", "more than the 50000000") { try sized(65_500, 800) },
  photo("7,000 pixels a side in a kilobyte", "7000x7000 pixels over only") { try sized(7000, 7000) },
  photo("no width", "damaged JPEG") { try sized(0, 45) },
  photo("no height", "JPEG") { try sized(61, 0) },
  photo("more pixels than were coded", "premature end") { try sized(600, 300) },
]

private func coded(_ what: String, _ key: String, _ place: Int, _ value: UInt8) -> MalformedCase {
  photo(what, key) {
    var bytes = try golden("baseline 4:4:4")
    bytes[try frame(of: bytes) + place] = value
    return bytes
  }
}

private let codingCases: [MalformedCase] =
  [
    coded("twelve bits", "a kind that is not read here", 4, 12),
    coded("sixteen bits", "a kind that is not read here", 4, 16),
    coded("no bits", "a kind that is not read here", 4, 0),
    coded("lossless coding", "a kind that is not read here", 1, 0xC3),
    coded("hierarchical coding", "a kind that is not read here", 1, 0xC5),
    coded("hierarchical lossless coding", "a kind that is not read here", 1, 0xC7),
    coded("arithmetic lossless coding", "a kind that is not read here", 1, 0xCB),
    coded("no components", "JPEG", 9, 0),
    coded("two components", "JPEG", 9, 2),
    coded("255 components", "JPEG", 9, 255),
    coded("a frame header of nine bytes", "JPEG", 3, 9),
    coded("samples of fifteen by one", "JPEG", 11, 0xF1),
    coded("samples of nothing", "JPEG", 11, 0),
    coded("a quantisation table that is not there", "JPEG", 12, 3),
  ]
  + [
    photo("twenty thousand scans", "more than 100 scans") {
      let bytes = try golden("progressive")
      let starts = (0..<bytes.count - 1).filter { bytes[$0] == 0xFF && [0xDA, 0xC4].contains(bytes[$0 + 1]) }
      let first = try #require(starts.first { bytes[$0 + 1] == 0xDA })
      let next = try #require(starts.first { $0 > first })
      let scan = bytes[first..<next]
      return Array(bytes[..<next]) + (0..<20_000).flatMap { _ in scan } + bytes[next...]
    }
  ]

private let markerCases: [MalformedCase] = [
  photo("the start alone", "JPEG") { [0xFF, 0xD8, 0xFF] },
  photo("start and end", "JPEG") { [0xFF, 0xD8, 0xFF, 0xD9] },
  photo("two starts", "JPEG") { [0xFF, 0xD8] + (try golden("baseline 4:2:0")) },
  photo("no tables", "JPEG") {
    let bytes = try golden("baseline 4:2:0")
    return Array(bytes[..<2]) + bytes[try frame(of: bytes)...]
  },
  photo("two frames", "JPEG") {
    let bytes = try golden("baseline 4:2:0")
    let frame = try frame(of: bytes)
    let length = Int(bytes[frame + 2]) << 8 | Int(bytes[frame + 3])
    return Array(bytes[..<frame]) + bytes[frame..<frame + 2 + length] + bytes[frame...]
  },
  photo("a segment beyond the end", "JPEG") { [0xFF, 0xD8, 0xFF, 0xE1, 0xFF, 0xFF, 1, 2, 3] },
  photo("a Huffman table of too many codes", "JPEG") {
    var bytes = try golden("baseline 4:2:0")
    let table = try #require((0..<bytes.count - 25).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC4 })
    for place in table + 5..<table + 21 { bytes[place] = 255 }
    return bytes
  },
]

private let damageCases: [MalformedCase] =
  [3, 20, 200, 400, 600].map { count in
    photo("cut after \(count) bytes", "JPEG") { Array(try golden("baseline 4:2:0").prefix(count)) }
  }
  + [
    photo("without its end marker", "a JPEG that ends early") { try golden("baseline 4:2:0").dropLast(2) },
    photo("a progressive one cut", "a JPEG that ends early") { try golden("progressive").dropLast(40) },
    photo("a CMYK one cut", "JPEG") { try golden("cmyk adobe").dropLast(40) },
    photo("its last bytes turned over", "JPEG") {
      var bytes = try golden("baseline 4:2:0")
      for place in bytes.count - 120..<bytes.count - 2 { bytes[place] = 0xFF }
      return bytes
    },
  ]

private func prepared(_ what: String, _ key: String, _ bytes: @escaping @Sendable () throws -> [UInt8]) -> MalformedCase
{
  MalformedCase(
    "photo to prepare: " + what,
    ["prepare", "--images", "IN/photos", "--captions", "IN/captions/c.csv", "--output", "IN/prepared"], 65, key
  ) { inputs in
    try inputs.write(bytes(), to: "photos/bad.jpg")
    try inputs.write(testPhoto(1), to: "photos/good.jpg")
    try inputs.write("image,caption\nbad.jpg,a dog\ngood.jpg,a cat\n", to: "captions/c.csv")
  }
}

private let preparedPhotoCases: [MalformedCase] = [
  prepared("a web page", "an HTML page") { Array("<html>".utf8) },
  prepared("a pixel bomb", "more than the 50000000") { try sized(65_535, 65_535) },
  prepared("a cut one", "a JPEG that ends early") { Array(try golden("baseline 4:2:0").dropLast(2)) },
  prepared("twelve bits", "a kind that is not read here") {
    var bytes = try golden("baseline 4:4:4")
    bytes[try frame(of: bytes) + 4] = 12
    return bytes
  },
  prepared("nothing", "an empty file") { [] },
  prepared("a cut PNG", "a PNG that ends early") { try golden(.png, "texts").dropLast(20) },
  prepared("a cut WebP", "a WebP that ends early") { try golden(.webP, "lossless").dropLast(20) },
  prepared("a pixel bomb as PNG", "or allow more with --max-megapixels") {
    let header = pngChunk("IHDR", bigEndian(60_000) + bigEndian(60_000) + [1, 0, 0, 0, 0])
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + header + pngChunk("IDAT", []) + pngChunk("IEND", [])
  },
]
