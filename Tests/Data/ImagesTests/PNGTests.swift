import Images
import TestSupport
import Testing

@Suite struct PNGTests {
  /// Every colour type and depth, interlaced and not, transparent and not.
  @Test func everyKindDecodesAsInPillow() throws {
    let golden = try PictureGolden.load().png
    #expect(golden.count > 50)
    for golden in golden {
      #expect(try Golden.Result(decodePicture(golden.bytes)) == golden.result, "\(golden.name)")
    }
  }

  @Test func headers() throws {
    let plain = try header(PictureGolden.png("colour type 6, 16 bits, interlaced"))
    #expect(plain.format == .png && plain.width == 13 && plain.height == 9 && plain.orientation == .upright)
    #expect(!plain.isAnimated)
    let turned = try header(PictureGolden.png("orientation 6"))
    #expect(turned.width == 7 && turned.height == 5 && turned.orientation == .turnedLeft)
    #expect(turned.orientedSize == (5, 7))
    #expect(try header(PictureGolden.png("orientation after the pixels")).orientation == .turnedLeft)
    #expect(try header(PictureGolden.png("animated")).isAnimated)
    #expect(try header(PictureGolden.png("animated, another default")).isAnimated)
  }

  /// Only JPEG decodes smaller for less.
  @Test func scalesMakeNoDifference() throws {
    let bytes = try PictureGolden.png("colour type 2, 8 bits")
    for scale in DecodingScale.allCases {
      #expect(try decodePicture(bytes, atLeast: scale) == decodePicture(bytes))
    }
  }

  @Test func everyTruncationIsAnError() throws {
    for name in ["colour type 2, 8 bits", "colour type 3, 4 bits, interlaced", "animated", "texts"] {
      let sound = try PictureGolden.png(name)
      for count in 0..<sound.count {
        let error = #expect(throws: PictureError.self, "\(name), \(count)") {
          try decodePicture(Array(sound[..<count]))
        }
        if count > 33 { #expect(error == .truncated(.png), "\(name), \(count)") }
      }
    }
  }

  /// Rows as far as they go, then grey.
  @Test func aTruncatedFileDecodesOnRequest() throws {
    let whole = Synthetic.random.picture(40, 40)
    let sound = storedPNG(whole)
    let rows = 25
    let cut = Array(sound[..<(41 + 2 + 5 + rows * 121 + 60)])
    #expect(throws: PictureError.truncated(.png)) { try decodePicture(cut) }
    let damaged = try cut.withUnsafeBytes { try decodeDamagedPicture($0) }
    #expect(damaged.damage == .truncated(.png) && damaged.image.width == 40 && damaged.image.height == 40)
    let known = rows * 120
    #expect(damaged.image.pixels[..<known] == whole.pixels[..<known])
    #expect(damaged.image.pixels[(known + 120)...].allSatisfy { $0 == 128 })
    #expect(try sound.withUnsafeBytes { try decodeDamagedPicture($0) }.damage == nil)
    #expect(throws: PictureError.self) { try sound[..<60].withUnsafeBytes { try decodeDamagedPicture($0) } }
  }

  /// One flipped bit anywhere in the pixels or in what they need is noticed; in what they do not need, it is nothing.
  @Test func checksumsAreHeld() throws {
    let sound = try PictureGolden.png("colour type 3, 8 bits")
    let picture = try decodePicture(sound)
    for place in 12..<sound.count - 12 {
      var bytes = sound
      bytes[place] ^= 0x10
      #expect(throws: PictureError.self, "byte \(place)") { try decodePicture(bytes) }
    }
    var text = pngChunk("tEXt", Array("Comment\0hello".utf8))
    text[12] ^= 1
    #expect(try decodePicture(sound[..<33] + text + sound[33...]) == picture)

    // The palette's, too; the picture is whole all the same.
    var palette = sound
    palette[33 + 8 + 768] ^= 1
    let coloured = try palette.withUnsafeBytes { try decodeDamagedPicture($0) }
    #expect(coloured.image == picture && coloured.damage != nil)

    // On request the rest is taken as it is, and it is said what was wrong.
    var flipped = storedPNG(Synthetic.random.picture(40, 40))
    flipped[500] ^= 1
    #expect(throws: PictureError.self) { try decodePicture(flipped) }
    let damaged = try flipped.withUnsafeBytes { try decodeDamagedPicture($0) }
    guard case .damaged(.png, let words) = damaged.damage else {
      Issue.record("\(String(describing: damaged.damage))")
      return
    }
    #expect(words.contains("CRC"))
    let expected = Synthetic.random.picture(40, 40).pixels
    #expect(zip(damaged.image.pixels, expected).count { $0 != $1 } == 1)
  }

  @Test func bombsEndAtTheHeader() throws {
    func sized(_ width: Int, _ height: Int, _ bits: UInt8 = 8, _ colour: UInt8 = 2) throws -> [UInt8] {
      let sound = try PictureGolden.png("colour type 2, 8 bits")
      let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [bits, colour, 0, 0, 0]
      return sound[..<8] + pngChunk("IHDR", header) + sound[33...]
    }
    let many = PictureError.tooManyPixels(.png, width: 65_500, height: 65_500, limit: 50_000_000)
    #expect(throws: many) { try decodePicture(sized(65_500, 65_500)) }
    let most = PictureError.tooManyPixels(.png, width: 0x7FFF_FFFF, height: 0x7FFF_FFFF, limit: 50_000_000)
    #expect(throws: most) { try decodePicture(sized(0x7FFF_FFFF, 0x7FFF_FFFF)) }
    let long = PictureError.tooLong(.png, width: 100_000, height: 1, limit: 65_500)
    #expect(throws: long) { try decodePicture(sized(100_000, 1)) }
    let hollow = try sized(7000, 7000)
    let few = PictureError.tooFewBytes(.png, width: 7000, height: 7000, bytes: hollow.count)
    #expect(throws: few) { try decodePicture(hollow) }
    for (width, height) in [(0, 9), (13, 0), (0x8000_0000, 1)] {
      #expect(throws: PictureError.self) { try decodePicture(sized(width, height)) }
    }
    for (bits, colour) in [(3, 0), (4, 2), (16, 3), (8, 1), (8, 7), (32, 6)] as [(UInt8, UInt8)] {
      #expect(throws: PictureError.self) { try decodePicture(sized(13, 9, bits, colour)) }
    }
  }

  /// The limit on pixels is the number itself; text that unpacks to 64 KiB counts for nothing.
  @Test func limitsAreExact() throws {
    let golden = try PictureGolden.png("texts")
    var limits = PictureLimits()
    limits.maximumPixels = 13 * 9
    #expect(throws: Never.self) { try decodePicture(golden, limits: limits) }
    limits.maximumPixels -= 1
    #expect(throws: PictureError.self) { try decodePicture(golden, limits: limits) }
  }

  @Test func structureIsHeld() throws {
    let sound = try PictureGolden.png("colour type 3, 8 bits")
    let palette = 33..<(33 + 12 + 768)
    #expect(throws: PictureError.self, "no palette") {
      try decodePicture(sound[..<33] + Array(sound[palette.upperBound...]))
    }
    #expect(throws: PictureError.self, "no header") { try decodePicture(sound[..<8] + Array(sound[33...])) }
    #expect(throws: PictureError.self, "a foreign critical chunk") {
      try decodePicture(sound[..<33] + pngChunk("ABCD", [1]) + sound[33...])
    }
    let longest = bigEndian(0xFFFF_FFFF) + Array("tEXt".utf8) + [1, 2, 3, 4]
    #expect(throws: PictureError.self, "a length of 32 bits") {
      try decodePicture(sound[..<33] + longest + sound[33...])
    }
    let picture = try decodePicture(sound)
    #expect(try decodePicture(sound + [1, 2, 3]) == picture, "what follows the end is no part of it")
  }
}
