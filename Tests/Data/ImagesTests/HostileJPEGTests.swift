import Images
import Randomness
import Testing

/// Files that are broken, or made to break what reads them.
@Suite struct HostileJPEGTests {
  @Test func everyTruncationIsAnError() throws {
    for name in ["baseline 4:2:0", "progressive", "cmyk adobe", "restart markers"] {
      let sound = try Golden.load().jpeg(name)
      for count in 0..<sound.count {
        let error = #expect(throws: PictureError.self) { try decodePicture(Array(sound[..<count])) }
        if count == sound.count - 2 { #expect(error == .truncated(.jpeg)) }
      }
    }
  }

  @Test func aTruncatedFileDecodesOnRequest() throws {
    let sound = try Golden.load().jpeg("baseline 4:2:0")
    let whole = try decodePicture(sound)
    let cut = Array(sound[..<(sound.count - 60)])
    var limits = PictureLimits()
    limits.allowTruncated = true
    let image = try decodePicture(cut, limits: limits)
    #expect(image.width == whole.width && image.height == whole.height)
    #expect(image.pixels.prefix(61 * 3 * 8) == whole.pixels.prefix(61 * 3 * 8))
    let damaged = try cut.withUnsafeBytes { try decodeDamagedPicture($0) }
    #expect(damaged.image == image && damaged.damage == .truncated(.jpeg))
    #expect(try sound.withUnsafeBytes { try decodeDamagedPicture($0) }.damage == nil)
  }

  @Test func pixelBombsEndAtTheHeader() throws {
    let bomb = try withSize(65_535, 65_535)
    let many = PictureError.tooManyPixels(.jpeg, width: 65_535, height: 65_535, limit: 50_000_000)
    #expect(throws: many) { try decodePicture(bomb) }
    // Within the pixel limit, but a kilobyte cannot hold it.
    let hollow = try withSize(7000, 7000)
    #expect(throws: PictureError.tooFewBytes(.jpeg, width: 7000, height: 7000, bytes: hollow.count)) {
      try decodePicture(hollow)
    }
    #expect(throws: PictureError.self) { try decodePicture(try withSize(0, 45)) }
  }

  @Test func scanBombsEndAtTheLimit() throws {
    let bomb = try scanBomb(repetitions: 20_000)
    #expect(throws: PictureError.tooManyScans(limit: 100)) { try decodePicture(bomb) }
    let progressive = try Golden.load().jpeg("progressive")
    var limits = PictureLimits()
    limits.maximumScans = 3
    #expect(throws: PictureError.tooManyScans(limit: 3)) { try decodePicture(progressive, limits: limits) }
    limits = PictureLimits()
    limits.maximumScannedPixels = 100  // a large picture: few scans, but never fewer than sound files have
    #expect(throws: Never.self) { try decodePicture(progressive, limits: limits) }
    #expect(throws: PictureError.tooManyScans(limit: 16)) { try decodePicture(bomb, limits: limits) }
  }

  @Test func kindsThatAreNotRead() throws {
    var twelveBits = try Golden.load().jpeg("baseline 4:4:4")
    let frame = try frameHeader(of: twelveBits)
    twelveBits[frame + 4] = 12
    #expect(try kind(of: twelveBits) == "unsupported")
    var lossless = try Golden.load().jpeg("baseline 4:4:4")
    lossless[frame + 1] = 0xC3
    #expect(try kind(of: lossless) == "unsupported")
    // Whatever coding the frame header claims over these bytes: an error or a picture.
    for marker in 0xC0...0xCF as ClosedRange<UInt8> {
      var changed = lossless
      changed[frame + 1] = marker
      _ = try? decodePicture(changed)
    }
  }

  @Test func otherThingsNamedJPEG() {
    let others: [(String, FileKind)] = [
      ("GIF89a....", .gif), ("<!DOCTYPE html><html>", .html), ("\n  <HTML><body>", .html), ("Not found", .text),
      ("%PDF-1.4", .pdf), ("", .empty), ("<svg xmlns", .svg),
      ("\0\0\0\u{18}ftypavif", .heif),
    ]
    for (text, kind) in others {
      #expect(throws: PictureError.notAPicture(kind), "\(text)") { try decodePicture(Array(text.utf8)) }
    }
    // Known by its first bytes, and nothing behind them.
    #expect(throws: PictureError.truncated(.png)) {
      try decodePicture([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A])
    }
    #expect(throws: PictureError.truncated(.webP)) {
      try decodePicture(Array("RIFF\u{1}\u{2}\u{3}\u{4}WEBPVP8 ".utf8))
    }
    #expect(throws: PictureError.notAPicture(.unknown)) { try decodePicture([0, 1, 2, 3]) }
    #expect(PictureError.notAPicture(.html).description.contains("HTML"))
  }

  @Test func randomDamageIsAnErrorOrAPicture() throws {
    var random = RandomStream(seed: 7, 4)
    for name in ["baseline 4:2:0", "progressive", "ycck adobe", "orientation 5", "restart markers"] {
      let sound = try Golden.load().jpeg(name)
      for _ in 0..<400 {
        var bytes = sound
        for _ in 0...random.integer(below: 4) {
          bytes[2 + random.integer(below: bytes.count - 2)] = UInt8(random.integer(below: 256))
        }
        var limits = PictureLimits()
        limits.maximumPixels = 1_000_000
        limits.allowTruncated = random.integer(below: 2) == 0
        do {
          let image = try decodePicture(bytes, limits: limits)
          #expect(image.pixels.count == image.width * image.height * 3)
        } catch {
          #expect(!error.description.isEmpty)
        }
      }
    }
  }

  /// Where the frame header's marker is.
  private func frameHeader(of bytes: [UInt8]) throws -> Int {
    try #require((0..<(bytes.count - 9)).first { bytes[$0] == 0xFF && [0xC0, 0xC2].contains(bytes[$0 + 1]) })
  }

  private func withSize(_ width: Int, _ height: Int) throws -> [UInt8] {
    var bytes = try Golden.load().jpeg("baseline 4:2:0")
    let frame = try frameHeader(of: bytes)
    bytes[(frame + 5)..<(frame + 9)] = [
      UInt8(height >> 8), UInt8(height & 255), UInt8(width >> 8), UInt8(width & 255),
    ]
    return bytes
  }

  /// A progressive file whose first scan comes again and again.
  private func scanBomb(repetitions: Int) throws -> [UInt8] {
    let bytes = try Golden.load().jpeg("progressive")
    let starts = (0..<(bytes.count - 1)).filter { bytes[$0] == 0xFF && [0xDA, 0xC4].contains(bytes[$0 + 1]) }
    let first = try #require(starts.first { bytes[$0 + 1] == 0xDA })
    let next = try #require(starts.first { $0 > first })
    let scan = bytes[first..<next]
    return Array(bytes[..<next]) + (0..<repetitions).flatMap { _ in scan } + bytes[next...]
  }

  private func kind(of bytes: [UInt8]) throws -> String {
    do {
      _ = try decodePicture(bytes)
      return "sound"
    } catch {
      if case .unsupported = error { return "unsupported" }
      return error.description
    }
  }
}
