import Audio
import Batching
import Benchmarks
import Images
import TestSupport
import Testing

/// What a loader is measured on: photos where samples have some, clips where they have some.
@Suite struct LoaderMeasurementTests {
  @Test func photosAndClipsAreMeasuredWhereTheyAre() throws {
    let place = try TemporaryDirectory()
    let drawn = try PreparedDataSetWriter(directory: place("photos"), description: .init(name: "photos"))
    for number in 0..<6 {
      let photo = Image(width: 32, height: 24, pixels: [UInt8](repeating: UInt8(40 * number), count: 32 * 24 * 3))
      try drawn.add(
        image: storedPNG(photo), width: 32, height: 24,
        record: SampleRecord(
          key: "p\(number)", fileName: "\(number).png", split: "train", captions: ["grey"], columns: SampleColumns()))
    }
    try drawn.finish()
    let scenes = try PreparedDataSet(path: place("photos"))
    let photos = try #require(try measureLoader(scenes, split: "train", imageSize: 16, limit: 4))
    #expect(photos.photos == 4 && photos.meanWidth == 32 && photos.meanHeight == 24 && photos.imagesPerSecond > 0)
    #expect(try ClipLoadingMeasurement(scenes, split: "train", limit: 4) == nil)

    let writer = try PreparedDataSetWriter(directory: place("tones"), description: .init(name: "tones"))
    for number in 0..<3 {
      let file = WaveFile.tone(25 + number, samples: 16_000)
      try writer.add(
        clip: PreparedClip(
          file: file, header: try file.span.bytes.withUnsafeBytes { try readSoundHeader($0) }, frames: 16_000),
        record: SampleRecord(
          key: "k\(number)", fileName: "\(number).wav", split: "train", captions: ["a tone"], columns: SampleColumns()))
    }
    try writer.finish()
    let tones = try PreparedDataSet(path: place("tones"))
    let clips = try #require(try ClipLoadingMeasurement(tones, split: "train", limit: 2))
    #expect(clips.clips == 2 && clips.meanSeconds == 1 && clips.clipsPerSecond > 0)
    #expect(clips.decodesPerSecond > clips.clipsPerSecond)
    #expect(try measureLoader(tones, split: "train", imageSize: 16, limit: 4) == nil)
  }
}
