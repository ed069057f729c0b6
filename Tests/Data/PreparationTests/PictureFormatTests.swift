import Batching
import Files
import Foundation
import Images
import Preparation
import TestSupport
import Testing

/// Photos that are no JPEGs, and photos that are large, on their way into a set.
@Suite struct PictureFormatTests {
  let source: TestSource

  init() throws { source = try TestSource() }

  private func pixels(_ seed: Int, _ width: Int = 30, _ height: Int = 20) -> Image {
    Image(
      width: width, height: height,
      pixels: (0..<width * height * 3).map { UInt8(truncatingIfNeeded: seed &* 41 &+ $0 &* (seed % 7 + 1)) })
  }

  private func webP(_ name: String) throws -> [UInt8] {
    struct Pictures: Decodable {
      struct Picture: Decodable { let name: String, file: Data }
      let webp: [Picture]
    }
    let golden = try JSONDecoder().decode(Pictures.self, from: Data(readFile(goldenDirectory + "/pictures.json")))
    return Array(try #require(golden.webp.first { $0.name == name }).file)
  }

  @Test func pngAndWebPAreTakenAsTheyAre() throws {
    let files = [
      ("a.jpg", try photo(1)), ("b.png", storedPNG(pixels(2))), ("c.webp", try webP("lossy")),
      ("d.png", storedPNG(pixels(3), before: animationChunk)), ("e.webp", try webP("animated")),
      ("f.jpg", storedPNG(pixels(4))),  // named wrongly: the bytes count
    ]
    for (name, bytes) in files { source.add(name, bytes: bytes) }
    source.add("captions.csv", "image,caption\n" + files.map { "\($0.0),words for \($0.0)\n" }.joined())
    let request = source.request(try source.zip(), bad: 0)
    let report = try prepare(request)
    #expect(report.problemCount == 0 && report.splits.reduce(0) { $0 + $1.photos } == 6)
    #expect(report.warnings == ["2 animated pictures: only the first frame of each counts (first: d.png)"])
    #expect(report.summary(output: "set").contains("warning: 2 animated pictures"))

    let set = try PreparedDataSet(path: request.output)
    try set.verify()
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) {
        let name = try set.record(sample).fileName
        let bytes = try #require(files.first { $0.0 == name }).1
        #expect(set.withImageBytes(sample) { Array($0) } == bytes)
        let size = try bytes.withUnsafeBytes { try readPictureHeader($0).orientedSize }
        #expect((sample.width, sample.height) == size)
      }
    }
  }

  /// Of a damaged PNG or WebP, too, what there is becomes a whole JPEG on request; the report shows it.
  @Test func damagedOnesAreTakenOnRequest() throws {
    let cut = [
      ("b.png", Array(storedPNG(pixels(2)).dropLast(700))), ("c.webp", Array(try webP("lossless").dropLast(200))),
    ]
    source.add("a.jpg", bytes: try photo(1))
    for (name, bytes) in cut { source.add(name, bytes: bytes) }
    source.add("captions.csv", "image,caption\na.jpg,one\nb.png,two\nc.webp,three\n")
    var request = source.request(try source.zip())
    let strict = try prepare(request)
    #expect(strict.problems.map(\.kind) == [.truncated, .truncated])
    #expect(strict.problems.map(\.detail).joined().contains("a PNG that ends early"))
    request.acceptsDamagedPhotos = true
    request.output = source.path("lenient")
    let report = try prepare(request)
    #expect(report.problemCount == 0 && report.acceptedDamage.map(\.subject) == ["b.png", "c.webp"])
    let set = try PreparedDataSet(path: request.output)
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) {
        #expect(try set.withImageBytes(sample) { try PictureFormat(of: $0) } == .jpeg)
      }
    }
    let page = String(decoding: try #require(try set.sideFile("report.html")), as: UTF8.self)
    #expect(page.components(separatedBy: "data:image/jpeg;base64,").count == 3)
  }

  /// 61 million pixels: refused with the option's name, taken with the option, and then read by whoever reads the set.
  @Test func largePhotosAreAMatterOfAnOption() throws {
    let large = try encodeJPEG(Image(width: 9568, height: 6376), quality: 80)
    source.add("a.jpg", bytes: large)
    source.add("b.jpg", bytes: try photo(1))
    source.add("captions.csv", "image,caption\na.jpg,large\nb.jpg,small\n")
    source.add("train.txt", "a.jpg\nb.jpg\n")
    var request = source.request(try source.zip())
    let refused = try #require(try prepare(request).problems.first)
    #expect(refused.kind == .tooManyPixels && refused.detail.contains("9568x6376"))
    #expect(refused.detail.hasSuffix("allow more with --max-megapixels"))

    request.output = source.path("large")
    request.maximumMegapixels = 62
    request.maximumBadFraction = 0
    let report = try prepare(request)
    #expect(report.problemCount == 0 && report.splits.first?.photos == 2)
    let set = try PreparedDataSet(path: request.output)
    let photos = try SplitPhotos(set, split: "train")
    #expect(photos.samples.map(\.width) == [9568, 16])
    let loader = try PhotoLoader(photos, .photos(Preprocessing.clip(imageSize: 8)), chunk: 2)
    #expect(try #require(try loader.next()).problems.allSatisfy { $0 == nil })
    #expect(photos.limits(at: 1) == PictureLimits())
  }
}
