import Images
import Testing

@Suite struct JPEGTests {
  @Test func everyKindDecodesAsInPillow() throws {
    for golden in try Golden.load().jpeg {
      #expect(try Golden.Result(decodePicture(golden.bytes)) == golden.result, "\(golden.name)")
    }
  }

  @Test func theHeaderTellsWhatIsInside() throws {
    let golden = try Golden.load()
    let progressive = try header(golden.jpeg("progressive"))
    #expect(progressive.isProgressive && progressive.colourSpace == .yCbCr && progressive.components == 3)
    #expect(try header(golden.jpeg("grey")).colourSpace == .grey)
    #expect(try header(golden.jpeg("rgb")).colourSpace == .rgb)
    #expect(try header(golden.jpeg("cmyk adobe")).colourSpace == .cmyk)
    #expect(try header(golden.jpeg("ycck adobe")).colourSpace == .ycck)
    let turned = try header(golden.jpeg("orientation 6"))
    #expect(turned.picture.width == 61 && turned.picture.height == 45 && turned.picture.orientation == .turnedLeft)
    #expect(turned.picture.orientedSize == (45, 61))
  }

  @Test func encodingAndDecodingKeepsThePicture() throws {
    for (width, height) in [(64, 48), (1, 1), (7, 3), (301, 1), (1, 301)] {
      let picture = Synthetic.smooth.picture(width, height)
      let decoded = try decodePicture(encodeJPEG(picture, quality: 95))
      #expect(decoded.width == width && decoded.height == height)
      let differences = zip(decoded.pixels, picture.pixels).map { abs(Int($0) - Int($1)) }
      #expect(differences.reduce(0, +) <= 4 * differences.count, "\(width)x\(height)")
    }
  }

  @Test func higherQualityIsNearer() throws {
    let picture = Synthetic.smooth.picture(96, 80)
    let sizes = try [30, 60, 95].map { try encodeJPEG(picture, quality: $0).count }
    #expect(sizes == sizes.sorted() && sizes[0] < sizes[2])
  }

  @Test func aSideCanBeTooLongToEncode() {
    #expect(throws: PictureError.self) { try encodeJPEG(Image(width: 65_501, height: 1), quality: 90) }
  }

  @Test(arguments: DecodingScale.allCases)
  func scaledDecodingIsNearAverages(scale: DecodingScale) throws {
    let eighths = Int(scale.rawValue)
    let picture = Synthetic.smooth.picture(800, 600)
    let bytes = try encodeJPEG(picture, quality: 95)
    let scaled = try decodePicture(bytes, atLeast: scale)
    #expect(scaled.width == 800 * eighths / 8 && scaled.height == 600 * eighths / 8)
    let differences = zip(scaled.pixels, averaged(picture, side: 8 / eighths)).map { abs(Int($0) - $1) }
    #expect(differences.reduce(0, +) <= 4 * differences.count)
  }

  /// The means of squares of `side` pixels.
  private func averaged(_ picture: Image, side: Int) -> [Int] {
    let width = picture.width / side
    return (0..<(picture.height / side * width * 3)).map { i in
      let corner = (i / 3 / width * side * picture.width + i / 3 % width * side) * 3 + i % 3
      let values = (0..<(side * side)).map { picture.pixels[corner + ($0 / side * picture.width + $0 % side) * 3] }
      return values.reduce(0) { $0 + Int($1) } / (side * side)
    }
  }

  private func header(_ bytes: [UInt8]) throws -> JPEGHeader {
    try bytes.withUnsafeBytes { try readJPEGHeader($0, limits: PictureLimits()) }
  }
}

@Suite struct OrientationTests {
  @Test func turningTwiceAndFourTimes() {
    let picture = Synthetic.random.picture(5, 3)
    for orientation in Orientation.allCases where orientation != .turnedLeft && orientation != .turnedRight {
      #expect(picture.oriented(orientation).oriented(orientation) == picture, "\(orientation)")
    }
    #expect(picture.oriented(.turnedLeft).oriented(.turnedRight) == picture)
    #expect(picture.oriented(.turnedLeft).oriented(.turnedLeft) == picture.oriented(.upsideDown))
  }

  @Test func damagedMetadataIsNoReasonToLoseAPhoto() throws {
    let sound = try Golden.load().jpeg("orientation 6")
    let expected = try decodePicture(sound)
    // Each byte of the EXIF segment in turn set to each of a few nasty values.
    for position in 4..<(4 + 34) {
      for value in [0x00, 0xFF, 0x7F, sound[position] &+ 1] as [UInt8] {
        var bytes = sound
        bytes[position] = value
        guard let image = try? decodePicture(bytes) else { continue }  // a length that is off breaks the file itself
        #expect(image.width * image.height == expected.width * expected.height)
      }
    }
  }
}
