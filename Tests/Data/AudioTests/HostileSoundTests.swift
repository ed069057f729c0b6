import Audio
import Reporting
import TestSupport
import Testing

/// Files that are broken, or made to break what reads them.
@Suite struct HostileSoundTests {
  private static let second = [UInt8](repeating: 7, count: 32_000)

  @Test func otherFilesAreCalledWhatTheyAre() {
    let cases: [([UInt8], SoundKind)] = [
      ([], .empty), (Array("no sound at all".utf8), .text), (Array("<!DOCTYPE html>".utf8), .html),
      ([0xFF, 0xD8, 0xFF, 0xE0], .picture), (Array("FORM....AIFF".utf8), .aiff), (Array("....ftypM4A ".utf8), .mp4),
      ([0x50, 0x4B, 3, 4], .zip), ([0, 1, 2, 3], .unknown), ([0xFF, 0xFF, 0xFF, 0xFF], .unknown),
    ]
    for (bytes, kind) in cases {
      #expect(throws: SoundError.notASound(kind), "\(kind)") { try decodeSound(bytes) }
    }
    #expect(SoundError.notASound(.text).description.contains("not a WAV, FLAC, Ogg or MP3 but text"))
    #expect(SoundError.notASound(.text).exitCode == .badData)
  }

  @Test func unusualFilesAreRead() throws {
    let eight = try decodeSound(WaveFile(bits: 8, data: [0, 128, 255]).bytes)
    #expect(eight.samples == [-1, 0, 127 / 128])
    let fast = try decodeSound(WaveFile(rate: 192_000, data: Self.second).bytes)
    #expect(fast.rate == 192_000 && fast.samples.count == 16_000)
    let wide = try decodeSound(WaveFile(channels: 8, data: Self.second).bytes)
    #expect(wide.samples.count == 2000)
    let loud = try decodeSound(WaveFile.floating([1, 3, -8, 0], channels: 2))
    #expect(loud.samples == [2, -4])
  }

  @Test func whatNoSoundHasIsRefused() {
    #expect(throws: SoundError.noLength(.wav)) { try decodeSound(WaveFile().bytes) }
    for rate in [1, 999, 384_001] {
      #expect(throws: SoundError.rate(.wav, rate)) { try decodeSound(WaveFile(rate: rate, data: Self.second).bytes) }
    }
    #expect(throws: SoundError.tooManyChannels(.wav, channels: 33, limit: 32)) {
      try decodeSound(WaveFile(channels: 33, data: [UInt8](repeating: 0, count: 33 * 20)).bytes)
    }
    for value in [Float.nan, .infinity, -.infinity, 1e30] {
      #expect(throws: SoundError.notFinite(.wav, frame: 2)) { try decodeSound(WaveFile.floating([0, 1, value, 0])) }
    }
  }

  @Test func aCutFileIsRefused() {
    let whole = WaveFile(data: Self.second).bytes
    #expect(throws: Never.self) { try decodeSound(whole) }
    for count in [whole.count - 1, 1000, 46] {
      #expect(throws: SoundError.truncated(.wav)) { try decodeSound(Array(whole[..<count])) }
    }
    for count in 0..<44 {
      #expect(throws: SoundError.self) { try decodeSound(Array(whole[..<count])) }
    }
  }

  @Test func aCutFileOfAnyFormatIsRefusedOrShorter() throws {
    for file in try SoundGolden.load() {
      for count in stride(from: 0, to: file.bytes.count, by: 37) {
        do throws(SoundError) {
          let sound = try decodeSound(Array(file.bytes[..<count]))
          #expect(["ogg", "mp3"].contains { file.name.hasPrefix($0) }, "\(file.name) of \(count) bytes")
          #expect(sound.samples.count <= file.values.count, "\(file.name)")
        } catch {
          #expect(error.exitCode == .badData, "\(file.name): \(error)")
        }
      }
    }
  }

  @Test func aStreamThatDoesNotSayItsLengthIsRead() throws {
    for stated in [0xFFFF_FFFF, 0x7FFF_F000] {
      let sound = try decodeSound(WaveFile(data: Self.second, statedLength: stated).bytes)
      #expect(sound.samples.count == 16_000)
    }
  }

  @Test func soundWithoutEndEndsAtTheLimit() throws {
    var limits = SoundLimits()
    limits.maximumFrames = 100
    let error = #expect(throws: SoundError.self) {
      try decodeSound(WaveFile(data: Self.second).bytes, limits: limits)
    }
    #expect(error == .tooLong(.wav, seconds: 1, limit: 100 / 16_000.0))
    (limits.maximumFrames, limits.maximumSamples) = (16_000, 15_999)
    #expect(throws: SoundError.self) { try decodeSound(WaveFile(channels: 2, data: Self.second).bytes, limits: limits) }
  }

  /// A FLAC of 400 frames whose header speaks of 500.
  @Test func fewerSamplesThanStatedAreACutFile() throws {
    var bytes = try SoundGolden.file("flac-pcm_16")
    #expect(Array(bytes[24..<26]) == [1, 0x90])
    bytes[25] = 0xF4
    #expect(throws: SoundError.truncated(.flac)) { try decodeSound(bytes) }
  }

  @Test func framesOfAnMP3FollowEachOther() throws {
    let sound = try SoundGolden.file("mp3-mpeg_layer_iii")
    let samples = try decodeSound(sound).samples
    let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 10] + [UInt8](repeating: 0, count: 10)
    let old = Array("TAG".utf8) + [UInt8](repeating: 0x41, count: 125)
    #expect(try decodeSound(tag + sound).samples == samples)
    #expect(try decodeSound(sound + old).samples == samples)
    let place = sound.count / 2
    for junk in [Array("between frames".utf8), [0xFF, 0xFF, 0xFF, 0xFF]] {
      let error = #expect(throws: SoundError.self) {
        try decodeSound(Array(sound[..<place]) + junk + Array(sound[place...]))
      }
      #expect(error?.description.contains("no frame where one should be") == true)
    }
  }

  /// A FLAC whose header speaks of 2³⁵ samples, and one that speaks of as many as are allowed, in a few bytes.
  @Test func aFalseLengthIsRefusedBeforeMemoryIsTaken() throws {
    var bytes = try SoundGolden.file("flac-pcm_16")
    bytes[21] |= 0x0F
    #expect(throws: SoundError.self) { try bytes.withUnsafeBytes { try readSoundHeader($0) } }
    bytes[21] &= 0xF0
    bytes.replaceSubrange(22..<26, with: [0x02, 0xFA, 0xF0, 0x80])  // 50,000,000
    #expect(throws: SoundError.tooFewBytes(.flac, frames: 50_000_000, bytes: bytes.count)) {
      try bytes.withUnsafeBytes { try readSoundHeader($0) }
    }
  }
}
