import Audio
import TestSupport
import Testing

@Suite struct DecodingTests {
  @Test func samplesAreThoseOfSoundfile() throws {
    let files = try SoundGolden.load()
    #expect(files.count == 18)
    for file in files {
      let sound = try decodeSound(file.bytes)
      #expect(sound.rate == file.rate, "\(file.name)")
      // Two releases of the library decode the lossy formats; the rest is exact.
      let isLossy = ["ogg", "mp3"].contains { file.name.hasPrefix($0) }
      #expect(difference(sound.samples, file.values, relative: 0, floor: isLossy ? 1e-5 : 0) == nil, "\(file.name)")
    }
  }

  @Test func aHeaderSaysWhatIsDecoded() throws {
    for file in try SoundGolden.load() {
      let header = try file.bytes.withUnsafeBytes { try readSoundHeader($0) }
      #expect(header.channels == file.channels && header.rate == file.rate, "\(file.name)")
      #expect(header.frames == file.values.count, "\(file.name)")
    }
  }
}
