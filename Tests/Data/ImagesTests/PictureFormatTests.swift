import Images
import Randomness
import Reporting
import Testing

/// What holds for all formats.
@Suite struct PictureFormatTests {
  /// The bytes decide.
  @Test func theDoorKnowsThemByTheirBytes() throws {
    #expect(try header(Golden.load().jpeg("grey")).format == .jpeg)
    #expect(try header(PictureGolden.png("texts")).format == .png)
    #expect(try header(PictureGolden.webp("lossy")).format == .webP)
    #expect(PictureFormat.allCases.map(\.fileExtension) == ["jpg", "png", "webp"])
  }

  /// An orientation is one in whatever type of TIFF it was written.
  @Test func orientationsOfEveryType() throws {
    for golden in try PictureGolden.load().orientation {
      #expect(try Golden.Result(decodePicture(golden.bytes)) == golden.result, "\(golden.name)")
    }
  }

  /// Each byte of an EXIF block, and of what counts its bytes, set to nasty values.
  @Test func damagedEXIFIsPassedOver() throws {
    let golden = try PictureGolden.load().orientation
    for name in ["type 12, little endian", "type 5, big endian", "3 numbers"] {
      let sound = try golden.bytes(name)
      let block = try #require(sound.indices.dropLast(8).first { sound[$0..<$0 + 4].elementsEqual("eXIf".utf8) }) + 4
      for place in block..<block + 34 {
        for value in [0, 1, 0x7F, 0x80, 0xFF] as [UInt8] {
          var bytes = sound
          bytes[place] = value
          let image = try decodePicture(bytes)
          #expect(image.width * image.height == 35)
        }
      }
    }
  }

  @Test func randomDamageIsAnErrorOrAPicture() throws {
    var random = RandomStream(seed: 8, 4)
    let golden = try PictureGolden.load()
    for sound in (golden.png + golden.webp).map(\.bytes) {
      for _ in 0..<60 {
        var bytes = sound
        for _ in 0...random.integer(below: 4) {
          bytes[4 + random.integer(below: bytes.count - 4)] = UInt8(random.integer(below: 256))
        }
        var limits = PictureLimits()
        limits.maximumPixels = 1_000_000
        limits.allowTruncated = random.integer(below: 2) == 0
        do {
          let image = try decodePicture(bytes, limits: limits)
          #expect(image.pixels.count == image.width * image.height * 3)
        } catch {
          #expect(!error.description.isEmpty && error.exitCode == .badData)
        }
      }
    }
  }

  @Test func messagesNameTheFormat() {
    #expect(PictureError.notAPicture(.gif).description.hasPrefix("not a JPEG, PNG or WebP but a GIF picture"))
    for format in PictureFormat.allCases {
      for error in [
        PictureError.truncated(format), .damaged(format, "x"), .unsupported(format, "x"),
        .tooManyPixels(format, width: 1, height: 2, limit: 1), .tooLong(format, width: 1, height: 2, limit: 1),
        .tooFewBytes(format, width: 1, height: 2, bytes: 3),
      ] {
        #expect(error.description.contains(format.rawValue) && error.exitCode == .badData)
      }
    }
  }
}
