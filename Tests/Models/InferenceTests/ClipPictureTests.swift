import Batching
import Files
import Foundation
import Images
import Inference
import TestSupport
import Testing

/// Clips as pages show them.
@Suite struct ClipPictureTests {
  private let place: TemporaryDirectory

  init() throws { place = try TemporaryDirectory() }

  /// The mean of a part's red, 0 to 255.
  private func brightness(_ image: Image, _ columns: Range<Int>, _ rows: Range<Int>) -> Int {
    let levels = rows.flatMap { row in columns.map { Int(image.pixels[3 * (row * image.width + $0)]) } }
    return levels.reduce(0, +) / levels.count
  }

  /// A high tone, then a low one: bright above to the left, and below to the right.
  @Test func timeGoesToTheRightAndHighTonesStandAbove() throws {
    let samples = (0..<32_000).map { sin(2 * .pi * Float($0) * ($0 < 16_000 ? 6_000 : 200) / 16_000) * 0.5 }
    try writeAtomically(WaveFile.floating(samples), to: place("tones.wav"))
    let clips = try PhotoFiles(at: [place("tones.wav")], .clips)
    let picture = try #require(clips.clipPicture(at: 0, width: 100))
    let image = try picture.jpeg.withUnsafeBytes { try decodePicture($0) }
    #expect(image.width == 100 && image.height == 96 && picture.address.hasPrefix("data:image/jpeg;base64,"))
    let (left, right, above, below) = (5..<45, 55..<95, 0..<48, 48..<96)
    #expect(brightness(image, left, above) > brightness(image, left, below) + 20)
    #expect(brightness(image, right, below) > brightness(image, right, above) + 20)
  }

  @Test func whatIsNoSoundHasNone() throws {
    try writeAtomically(Array("RIFF".utf8), to: place("broken.wav"))
    #expect(try PhotoFiles(at: [place("broken.wav")], .clips).clipPicture(at: 0, width: 100) == nil)
  }
}
