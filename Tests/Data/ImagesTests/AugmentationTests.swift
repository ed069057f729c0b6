import Foundation
import Images
import Randomness
import Testing

@Suite struct AugmentationTests {
  @Test func cropAndResizeEqualTorchvision() throws {
    for golden in try Golden.load().crop {
      let box = PixelBox(x: golden.box[0], y: golden.box[1], width: golden.box[2], height: golden.box[3])
      let window = PixelBox(x: 0, y: 0, width: golden.size, height: golden.size)
      let resampling = Resampling(
        source: box, size: (golden.size, golden.size), window: window, filter: .bicubic)
      let picture = Synthetic.noisy.picture(golden.source[0], golden.source[1])
      #expect(Golden.Result(resampling.apply(to: picture)) == golden.result, "\(golden.box)")
    }
  }

  @Test func coloursEqualTorchvisionOnPillow() throws {
    for golden in try Golden.load().colour {
      var picture = try #require(Synthetic(rawValue: golden.picture)).picture(160, 120)
      change(golden.change, golden.factor).apply(to: &picture)
      #expect(Golden.Result(picture) == golden.result, "\(golden.picture) \(golden.change) \(golden.factor)")
    }
  }

  @Test func cropsKeepAreaAndShape() {
    let augmentation = Augmentation(cropScale: 0.3...0.8)
    var random = RandomStream(seed: 3, 4)
    var xs: Set<Int> = []
    for _ in 0..<2000 {
      let box = augmentation.crop(width: 640, height: 480, random: &random)
      #expect(box.x >= 0 && box.y >= 0 && box.x + box.width <= 640 && box.y + box.height <= 480)
      let area = Double(box.width * box.height) / (640 * 480)
      #expect(area > 0.295 && area < 0.805)
      let ratio = Double(box.width) / Double(box.height)
      #expect(ratio > 0.745 && ratio < 1.34)
      xs.insert(box.x)
    }
    #expect(xs.count > 100)
  }

  @Test func impossibleCropsFallBackToTheCentre() {
    var random = RandomStream(seed: 3, 4)
    let wide = Augmentation().crop(width: 1000, height: 100, random: &random)
    #expect(wide == PixelBox(x: 433, y: 0, width: 133, height: 100))
    let tall = Augmentation().crop(width: 100, height: 1000, random: &random)
    #expect(tall == PixelBox(x: 0, y: 433, width: 100, height: 133))
    #expect(Augmentation().crop(width: 1, height: 1, random: &random).width == 1)
  }

  @Test func theStreamAloneDecides() {
    let preprocessing = Preprocessing.clip(imageSize: 32)
    let picture = Synthetic.noisy.picture(90, 70)
    let settings = Augmentation(
      cropScale: 0.5...1, flip: 0.5, brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1)
    var seen: Set<[UInt8]> = []
    for sample in 0..<20 as Range<UInt64> {
      var first = RandomStream(seed: 1, 4, 0, sample)
      var second = RandomStream(seed: 1, 4, 0, sample)
      let pixels = preprocessing.trainingPixels(picture, augmentation: settings, random: &first)
      #expect(pixels == preprocessing.trainingPixels(picture, augmentation: settings, random: &second))
      seen.insert(pixels.pixels)
    }
    #expect(seen.count == 20)
  }

  @Test func flippingHalvesTheWorld() {
    let preprocessing = Preprocessing.clip(imageSize: 16)
    let picture = Synthetic.random.picture(16, 16)
    let settings = Augmentation(cropRatio: 1...1, flip: 0.5)
    let mirrored = picture.oriented(.mirrored)
    var flips = 0
    for sample in 0..<400 as Range<UInt64> {
      var random = RandomStream(seed: 5, 4, sample)
      let pixels = preprocessing.trainingPixels(picture, augmentation: settings, random: &random)
      #expect(pixels == picture || pixels == mirrored)
      if pixels == mirrored { flips += 1 }
    }
    #expect(flips > 150 && flips < 250)
  }

  @Test func presetsSurviveJSON() throws {
    for preset in AugmentationPreset.allCases.map(\.values) {
      let data = try JSONEncoder().encode(preset)
      #expect(try JSONDecoder().decode(Augmentation.self, from: data) == preset)
    }
    let data = try JSONEncoder().encode(Augmentation(hue: 0.25))
    let broken = String(decoding: data, as: UTF8.self).replacingOccurrences(of: "0.25", with: "0.75")
    #expect(throws: DecodingError.self) { try JSONDecoder().decode(Augmentation.self, from: Data(broken.utf8)) }
    #expect(Augmentation.standard.flip == 0 && Augmentation.standard.hue == 0)
    #expect(AugmentationPreset(rawValue: "standard")?.values == .standard)
    #expect(AugmentationPreset(rawValue: "none")?.values == Augmentation.none)
  }

  private func change(_ name: String, _ factor: Float) -> ColourChange {
    switch name {
    case "brightness": .brightness(factor)
    case "contrast": .contrast(factor)
    case "saturation": .saturation(factor)
    default: .hue(factor)
    }
  }
}
