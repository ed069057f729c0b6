import Foundation
import Images
import Randomness
import Testing

@Suite struct PreprocessingTests {
  @Test func evaluationEqualsTorchvisionOnPillow() throws {
    for golden in try Golden.load().evaluation {
      let preprocessing = Preprocessing(
        imageSize: golden.size, filter: golden.filter, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
      let picture = Synthetic.noisy.picture(golden.source[0], golden.source[1])
      #expect(
        Golden.Result(preprocessing.evaluationPixels(picture)) == golden.result,
        "\(golden.source) to \(golden.size), \(golden.filter)")
    }
  }

  @Test func squashingEqualsPillow() throws {
    for golden in try Golden.load().squash {
      let preprocessing = Preprocessing(
        imageSize: golden.size, filter: golden.filter, fit: .squash, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
      let picture = Synthetic.noisy.picture(golden.source[0], golden.source[1])
      #expect(
        Golden.Result(preprocessing.evaluationPixels(picture)) == golden.result, "\(golden.source), \(golden.filter)")
    }
  }

  @Test func floatsArePlanarAndNormalised() {
    let preprocessing = Preprocessing.clip(imageSize: 16)
    let picture = Synthetic.random.picture(16, 16)
    let floats = evaluated(preprocessing, picture)
    for channel in 0..<3 {
      for i in 0..<256 {
        let expected =
          (Float(picture.pixels[i * 3 + channel]) / 255 - Float(preprocessing.mean[channel]))
          / Float(preprocessing.standardDeviation[channel])
        #expect(floats[channel * 256 + i] == expected)
      }
    }
  }

  @Test func trainingWithoutAugmentationIsEvaluation() {
    let preprocessing = Preprocessing.clip(imageSize: 24)
    let picture = Synthetic.noisy.picture(60, 41)
    var random = RandomStream(seed: 1, 4)
    var untouched = random
    let pixels = preprocessing.trainingPixels(picture, augmentation: .none, random: &random)
    #expect(pixels == preprocessing.evaluationPixels(picture))
    #expect(random.nextWord() == untouched.nextWord())
  }

  @Test func anExtremeShapeCostsNoMemory() {
    let thin = Image(width: 1, height: 40_000)
    #expect(Preprocessing.clip(imageSize: 224).evaluationPixels(thin).width == 224)
  }

  @Test func itSurvivesJSON() throws {
    let preprocessing = Preprocessing.clip(imageSize: 64)
    let data = try JSONEncoder().encode(preprocessing)
    #expect(try JSONDecoder().decode(Preprocessing.self, from: data) == preprocessing)
    let broken = String(decoding: data, as: UTF8.self).replacingOccurrences(of: ":64", with: ":-64")
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Preprocessing.self, from: Data(broken.utf8)) }
    let older = String(decoding: data, as: UTF8.self).replacing(/"fit":"shortest",?/, with: "")
    #expect(try JSONDecoder().decode(Preprocessing.self, from: Data(older.utf8)) == preprocessing)
  }
}

@Suite(.enabled(if: Shared.isThere, "needs shared/data beside the repository, or MMTRAIN_SHARED"))
struct SharedPreprocessingTests {
  @Test func openAIsPreprocessingOfAPhoto() throws {
    let image = try decodePicture(Shared.bytes(Shared.golden + "franz-kafka.jpg"))
    #expect(image.width == 450 && image.height == 655)
    let expected = try Shared.floats(Shared.golden + "franz-kafka.clip224.f32.npy")
    let floats = evaluated(.clip(), image)
    #expect(floats.count == expected.count)
    let worst = zip(floats, expected).map { abs($0 - $1) }.max() ?? .infinity
    #expect(worst < 1e-6, "worst difference \(worst)")
  }

  @Test(arguments: ["000000177977", "000000460229"])
  func realPhotosEqualPillowToTheLastBit(key: String) throws {
    let image = try decodePicture(Shared.bytes(Shared.photos + key + ".jpg"))
    let corner = image.cropped(to: PixelBox(x: 0, y: 0, width: 64, height: 64))
    #expect(try corner.pixels[...] == Shared.array(Shared.golden + key + ".decoded-top-left-64.u8.npy"))
    let clip = Preprocessing.clip().evaluationPixels(image)
    #expect(try clip.pixels[...] == Shared.array(Shared.golden + key + ".clip224.u8.npy"))
    let mobile = Preprocessing.mobileCLIP()
    #expect(
      try mobile.evaluationPixels(image).pixels[...] == Shared.array(Shared.golden + key + ".mobileclip256.u8.npy"))
  }
}

private func evaluated(_ preprocessing: Preprocessing, _ image: Image) -> [Float] {
  var floats = [Float](repeating: .nan, count: preprocessing.count)
  floats.withUnsafeMutableBufferPointer { preprocessing.evaluation(image, into: $0) }
  return floats
}
