import Foundation
import Images
import Randomness
import TestSupport
import Testing

@Suite struct PhotoDecodingTests {
  /// Exact decoding is decoding and then taking the pixels.
  @Test func anExactPhotoIsWhatItsPixelsAre() throws {
    let preprocessing = Preprocessing.clip(imageSize: 40)
    for golden in try Golden.load().jpeg {
      let image = try decodePicture(golden.bytes)
      let trained = try floats(preprocessing) {
        var random = RandomStream(seed: 2, 4)
        try preprocessing.training(
          photo: $0, augmentation: .standard, decoding: .exact, random: &random, into: $1)
      }(golden.bytes)
      var random = RandomStream(seed: 2, 4)
      let pixels = preprocessing.trainingPixels(image, augmentation: .standard, random: &random)
      #expect(trained == normalised(preprocessing, pixels), "\(golden.name)")
    }
  }

  /// The smallest scale at which the crop still has as many pixels as the model reads.
  @Test(arguments: [
    (224, DecodingScale.eighth), (223, .quarter), (112, .quarter), (111, .half), (56, .half), (55, .full), (8, .full),
  ])
  func cropsAreNeverMadeLarger(side: Int, scale: DecodingScale) {
    let preprocessing = Preprocessing(imageSize: 28, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    #expect(preprocessing.scale(for: PixelBox(x: 3, y: 5, width: side, height: 500)) == scale)
    #expect(preprocessing.scale(for: PixelBox(x: 3, y: 5, width: 500, height: side)) == scale)
  }

  /// The crop stays where it is and nothing is made larger; the pixels differ by little.
  @Test(arguments: [32, 64, 100])
  func scaledPhotosAreNearExactOnes(size: Int) throws {
    let bytes = try encodeJPEG(Synthetic.smooth.picture(640, 480), quality: 95)
    let preprocessing = Preprocessing(imageSize: size, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    for seed in 0..<10 as Range<UInt64> {
      let (scaled, exact) = try (
        trained(preprocessing, bytes, .scaled, seed), trained(preprocessing, bytes, .exact, seed)
      )
      let mean = zip(scaled, exact).reduce(0) { $0 + abs($1.0 - $1.1) } / Float(scaled.count)
      #expect(mean < 2.5 / 255, "mean difference \(mean * 255) levels")
      #expect(scaled != exact)
    }
  }

  @Test func withoutAugmentationDecodingIsExact() throws {
    let bytes = try encodeJPEG(Synthetic.noisy.picture(200, 150), quality: 90)
    let preprocessing = Preprocessing.clip(imageSize: 32)
    let trained = try floats(preprocessing) {
      var random = RandomStream(seed: 1, 4)
      try preprocessing.training(
        photo: $0, augmentation: .none, decoding: .scaled, random: &random, into: $1)
    }(bytes)
    #expect(trained == normalised(preprocessing, preprocessing.evaluationPixels(try decodePicture(bytes))))
  }

  /// What cannot be decoded smaller for less goes the exact way.
  @Test func otherFormatsAreAlwaysExact() throws {
    let preprocessing = Preprocessing(imageSize: 16, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
    let picture = Synthetic.smooth.picture(150, 100)
    let jpeg = try encodeJPEG(picture, quality: 95)
    let png = storedPNG(try decodePicture(jpeg))
    for seed in 0..<10 as Range<UInt64> {
      let exact = try trained(preprocessing, jpeg, .exact, seed)
      #expect(try trained(preprocessing, png, .scaled, seed) == exact)
      #expect(try trained(preprocessing, png, .exact, seed) == exact)
    }
  }

  private func trained(
    _ preprocessing: Preprocessing, _ bytes: [UInt8], _ decoding: PhotoDecoding, _ seed: UInt64
  ) throws -> [Float] {
    try floats(preprocessing) {
      var random = RandomStream(seed: seed, 4)
      try preprocessing.training(
        photo: $0, augmentation: Augmentation(cropScale: 0.5...1), decoding: decoding, random: &random, into: $1)
    }(bytes)
  }

  private func floats(
    _ preprocessing: Preprocessing,
    _ make: @escaping (UnsafeRawBufferPointer, UnsafeMutableBufferPointer<Float>) throws -> Void
  ) -> ([UInt8]) throws -> [Float] {
    { bytes in
      var floats = [Float](repeating: .nan, count: preprocessing.count)
      try floats.withUnsafeMutableBufferPointer { output in
        try bytes.withUnsafeBytes { try make($0, output) }
      }
      return floats
    }
  }

  private func normalised(_ preprocessing: Preprocessing, _ image: Image) -> [Float] {
    var floats = [Float](repeating: .nan, count: preprocessing.count)
    floats.withUnsafeMutableBufferPointer { preprocessing.normalise(image, into: $0) }
    return floats
  }
}
