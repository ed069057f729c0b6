import Images
import Testing

@Suite struct WebPTests {
  /// Lossy and lossless, with and without alpha, turned, animated at any place of the canvas.
  @Test func everyKindDecodesAsInPillow() throws {
    let golden = try PictureGolden.load().webp
    #expect(golden.count > 15)
    for golden in golden {
      #expect(try Golden.Result(decodePicture(golden.bytes)) == golden.result, "\(golden.name)")
    }
  }

  @Test func headers() throws {
    let plain = try header(PictureGolden.webp("lossy"))
    #expect(plain.format == .webP && plain.width == 61 && plain.height == 45 && plain.orientation == .upright)
    #expect(!plain.isAnimated)
    let turned = try header(PictureGolden.webp("orientation 6"))
    #expect(turned.orientation == .turnedLeft && turned.orientedSize == (45, 61))
    #expect(try header(PictureGolden.webp("animated")).isAnimated)
    #expect(try !header(PictureGolden.webp("animated, one frame")).isAnimated)
  }

  @Test func everyTruncationIsAnError() throws {
    for name in ["lossy", "lossless", "lossy, alpha", "orientation 6", "animated", "animated, frame 3 at a place"] {
      let sound = try PictureGolden.webp(name)
      for count in 0..<sound.count {
        let error = #expect(throws: PictureError.self, "\(name), \(count)") {
          try decodePicture(Array(sound[..<count]))
        }
        if count == sound.count - 1 { #expect(error == .truncated(.webP), "\(name)") }
      }
    }
  }

  @Test func aTruncatedFileDecodesOnRequest() throws {
    for name in ["lossy", "lossless", "lossy, alpha", "animated, alpha"] {
      let sound = try PictureGolden.webp(name)
      let whole = try decodePicture(sound)
      // Of an animation, the first frame.
      let length = name.hasPrefix("animated") ? sound.count / 2 : sound.count
      var shown = 0
      for count in stride(from: length * 9 / 10, to: length / 2, by: -7) {
        guard let damaged = try? sound[..<count].withUnsafeBytes({ try decodeDamagedPicture($0) }) else { continue }
        #expect(damaged.damage == .truncated(.webP))
        #expect(damaged.image.width == whole.width && damaged.image.height == whole.height)
        if damaged.image.pixels.prefix(whole.width * 3) == whole.pixels.prefix(whole.width * 3) { shown += 1 }
      }
      #expect(shown > 3, "\(name)")
      #expect(try sound.withUnsafeBytes { try decodeDamagedPicture($0) }.damage == nil)
    }
  }

  @Test func bombsEndAtTheHeader() throws {
    // The sizes of a lossless picture, of a canvas, and of a lossy picture, each as large as they can be.
    let many = PictureError.tooManyPixels(.webP, width: 16_384, height: 16_384, limit: 50_000_000)
    var lossless = try PictureGolden.webp("lossless")
    lossless.replaceSubrange(21..<25, with: [0xFF, 0xFF, 0xFF, 0x0F])
    #expect(throws: many) { try decodePicture(lossless) }
    var canvas = try PictureGolden.webp("animated")
    canvas.replaceSubrange(24..<30, with: [0xFF, 0x3F, 0, 0xFF, 0x3F, 0])
    #expect(throws: many) { try decodePicture(canvas) }
    var lossy = try PictureGolden.webp("lossy")
    lossy.replaceSubrange(26..<30, with: [0x58, 0x1B, 0x58, 0x1B])
    let few = PictureError.tooFewBytes(.webP, width: 7000, height: 7000, bytes: lossy.count)
    #expect(throws: few) { try decodePicture(lossy) }
  }

  /// A frame may neither leave its canvas nor have another size than it says.
  @Test func framesKeepToTheirPlaces() throws {
    let sound = try PictureGolden.webp("animated, frame 0 at a place")
    let frame = 12 + 18 + 14 + 8  // behind the headers of file, canvas and animation: the frame's place
    for place in 0..<12 {
      var bytes = sound
      bytes[frame + place] &+= 9
      guard place % 3 == 0 else {
        #expect(throws: PictureError.self, "byte \(place)") { try decodePicture(bytes) }
        continue
      }
      // Its lowest byte may still fit the canvas, but not the size.
      if place >= 6 { #expect(throws: PictureError.self, "byte \(place)") { try decodePicture(bytes) } }
    }
    var empty = Array(sound[..<(12 + 18 + 14)])
    empty[4] = UInt8(empty.count - 8)
    empty[5] = 0
    #expect(throws: PictureError.self, "an animation without frames") { try decodePicture(empty) }
  }

  /// What the container says beyond the picture may be wrong in any way.
  @Test func damagedMetadataIsNoReasonToLoseAPhoto() throws {
    let sound = try PictureGolden.webp("orientation 6")
    let exif = try #require(sound.indices.dropLast(8).first { sound[$0..<$0 + 4].elementsEqual("EXIF".utf8) })
    for place in exif + 8..<sound.count {
      for value in [0, 0x7F, 0xFF] as [UInt8] {
        var bytes = sound
        bytes[place] = value
        let image = try decodePicture(bytes)
        #expect(image.width * image.height == 61 * 45)
      }
    }
  }
}
