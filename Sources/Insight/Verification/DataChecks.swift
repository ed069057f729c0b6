internal import FoundationEssentials
internal import Images
internal import Tokenization

/// How many texts become other ids.
func tokenizerCheck(_ goldens: VerificationGoldens) -> VerificationCheck {
  let tokenizer = try? loadTokenizer(bytes(goldens.tokenizer), path: "the tokenizer of verify")
  let wrong = tokenizer.map { tokenizer in goldens.ids.count { tokenizer.encode($0.text) != $0.ids } }
  return VerificationCheck(
    name: "tokenizer, \(goldens.ids.count) texts", difference: wrong.map { Double($0) } ?? .infinity, limit: 0,
    unit: "texts")
}

/// A picture of noise made smaller, by the fast code and by the plain one.
func resizeChecks(_ goldens: VerificationGoldens) -> [VerificationCheck] {
  let (width, height) = (61, 45)
  let picture = Image(
    width: width, height: height, pixels: (0..<width * height * 3).map { UInt8(mixed("picture", $0) & 255) })
  return goldens.resized.flatMap { golden in
    [(ResampleKernel.automatic, "fast"), (.portable, "plain")].map { kernel, name in
      var resampling = Resampling(
        source: PixelBox(x: 0, y: 0, width: width, height: height), size: (16, 12),
        window: PixelBox(x: 0, y: 0, width: 16, height: 12), filter: golden.filter)
      resampling.kernel = kernel
      return VerificationCheck(
        name: "resize, \(golden.filter), \(name)",
        difference: largestDifference(resampling.apply(to: picture).pixels, bytes(golden.pixels)), limit: 0,
        unit: "levels")
    }
  }
}

/// A photo decoded. Other builds of the library may round one level apart.
func jpegCheck(_ goldens: VerificationGoldens) -> VerificationCheck {
  let image = try? decodePicture(bytes(goldens.jpeg))
  return VerificationCheck(
    name: "photo decoded", difference: largestDifference(image?.pixels ?? [], bytes(goldens.decoded)), limit: 1,
    unit: "levels")
}

private func largestDifference(_ pixels: [UInt8], _ expected: [UInt8]) -> Double {
  guard pixels.count == expected.count, !pixels.isEmpty else { return .infinity }
  return zip(pixels, expected).reduce(0) { max($0, abs(Double($1.0) - Double($1.1))) }
}

/// Base64, with line breaks.
private func bytes(_ base64: String) -> [UInt8] {
  Data(base64Encoded: base64.filter { !$0.isWhitespace }).map { Array($0) } ?? []
}
