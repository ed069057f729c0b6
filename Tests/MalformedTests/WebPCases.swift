import Images

/// WebPs that cannot be decoded, each given to `match`.
let webPCases: [MalformedCase] = webPContentCases + webPCutCases

private func webP(
  _ what: String, _ key: String, of name: String = "lossy", _ change: @escaping @Sendable (inout [UInt8]) -> Void
) -> MalformedCase {
  photo("WebP, " + what, key) {
    var bytes = try golden(.webP, name)
    change(&bytes)
    return bytes
  }
}

private let webPContentCases: [MalformedCase] = [
  webP("the container's head alone", "a WebP that ends early") { $0.removeSubrange(12...) },
  webP("a container of nothing", "WebP") { $0.replaceSubrange(4..<8, with: [4, 0, 0, 0]) },
  webP("a container of four billion bytes", "WebP") { $0.replaceSubrange(4..<8, with: [255, 255, 255, 255]) },
  webP("a chunk of four billion bytes", "WebP") { $0.replaceSubrange(16..<20, with: [255, 255, 255, 255]) },
  webP("an unknown chunk for a picture", "WebP") { $0.replaceSubrange(12..<16, with: Array("ABCD".utf8)) },
  webP("no start code", "a damaged WebP") { $0[23] = 0 },
  webP("no key frame", "a damaged WebP") { $0[20] |= 1 },
  webP("no width", "a damaged WebP") { $0.replaceSubrange(26..<28, with: [0, 0]) },
  webP("7,000 pixels a side in a kilobyte", "a WebP header of 7000x7000 pixels over only") {
    $0.replaceSubrange(26..<30, with: [0x58, 0x1B, 0x58, 0x1B])
  },
  webP("16,383 pixels a side", "more than the 50000000") { $0.replaceSubrange(26..<30, with: [255, 63, 255, 63]) },
  webP("more pixels than were coded", "WebP") { $0.replaceSubrange(26..<30, with: [200, 0, 200, 0]) },
  webP("lossless, 16,384 pixels a side", "more than the 50000000", of: "lossless") {
    $0.replaceSubrange(21..<25, with: [255, 255, 255, 15])
  },
  webP("lossless, another signature", "a damaged WebP", of: "lossless") { $0[20] = 0x2E },
  webP("lossless, another version", "a damaged WebP", of: "lossless") { $0[24] |= 0xE0 },
  webP("a canvas of another size than its picture", "a damaged WebP", of: "orientation 6") { $0[24] &+= 1 },
  webP("a canvas of 2²⁴ pixels a side", "WebP", of: "animated") {
    $0.replaceSubrange(24..<30, with: [255, 255, 255, 255, 255, 255])
  },
  webP("an animation cut in its first frame", "a WebP that ends early", of: "animated") { $0.removeSubrange(120...) },
  webP("an animation without a frame", "without a frame", of: "animated") {
    $0.removeSubrange(44...)
    $0.replaceSubrange(4..<8, with: [36, 0, 0, 0])
  },
  webP("a frame beyond the canvas", "beyond the canvas", of: "animated") { $0[52] = 20 },
  webP("a frame of another size than it says", "another size than it says", of: "animated") { $0[58] -= 1 },
]

private let webPCutCases: [MalformedCase] =
  [1, 9, 100].map { count in webP("cut by \(count) bytes", "a WebP that ends early") { $0.removeLast(count) } }
  + [40, 200].map { count in
    webP("lossless, cut by \(count) bytes", "a WebP that ends early", of: "lossless") { $0.removeLast(count) }
  }
